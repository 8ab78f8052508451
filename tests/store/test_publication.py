"""Definitions in the store: what a release changes is written, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from psolink.definitions import load_definitions
from psolink.publication import Publication
from psolink.search.index_values import IndexValues
from psolink.search.indexes import SEARCH_INDEXES
from psolink.search.registry import SearchParameters
from psolink.store.indexes import STORE_INDEXES
from psolink.store.mongo import MongoStore
from psolink.store.startup import prepare_database
from psolink.store.values import EVERYONE, Access, Key, Page, Put, Records

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Release:
    """What one release publishes."""

    resources: list[dict[str, Any]]

    @property
    def resource_types(self) -> frozenset[str]:
        return frozenset(["ValueSet"])

    def all(self, resource_type: str) -> Iterator[dict[str, Any]]:
        yield from self.resources


class StoreWithRival(MongoStore):
    """Another server publishes the same between the first read and the write."""

    rival: Any = None

    def commit(self, writes, records, *, now):
        if self.rival:
            rival, self.rival = self.rival, None
            rival()
        return super().commit(writes, records, now=now)


@pytest.fixture(scope="module")
def index_values():
    return IndexValues(SearchParameters(load_definitions()))


@pytest.fixture
def store(mongodb, database):
    prepare_database(mongodb, database, (*STORE_INDEXES, *SEARCH_INDEXES))
    return StoreWithRival(mongodb, database)


@pytest.fixture
def publish(store, index_values):
    def publish(*resources):
        Publication(store, index_values, lambda: NOW).publish(
            Release(list(resources)), lambda _done: None
        )

    return publish


def value_set(resource_id: str, **content: Any) -> dict[str, Any]:
    url = f"https://x.example/ValueSet/{resource_id}"
    return {"resourceType": "ValueSet", "id": resource_id, "url": url, "status": "draft"} | content


def versions(store) -> dict[str, tuple[int, bool]]:
    found = store.find({"tenant": EVERYONE}, Page(10))
    return {each.key.id: (each.version, each.resource is not None) for each in found}


def test_a_release_writes_what_it_changes_and_deletes_what_it_leaves_out(store, publish):
    publish(value_set("same"), value_set("changed"), value_set("left-out"))
    publish(value_set("same"), value_set("changed", status="active"), value_set("new"))
    assert versions(store) == {
        "same": (1, True),
        "changed": (2, True),
        "left-out": (2, False),
        "new": (1, True),
    }


def test_a_publication_that_was_interrupted_goes_on_where_it_was(store, publish):
    publish(value_set("done"))
    publish(value_set("done"), value_set("missing"))
    publish(value_set("done"), value_set("missing"))
    assert versions(store) == {"done": (1, True), "missing": (1, True)}


def test_what_was_left_out_comes_back(store, publish):
    for release in ([value_set("a")], [], [value_set("a")]):
        publish(*release)
    assert versions(store) == {"a": (3, True)}


def test_two_servers_that_publish_at_the_same_time_write_once(store, publish):
    store.rival = lambda: publish(value_set("a"), value_set("b"))
    publish(value_set("a"), value_set("b"))
    assert versions(store) == {"a": (1, True), "b": (1, True)}


def test_what_organizations_hold_is_not_touched(store, publish):
    key = Key("hospital-a", "ValueSet", "a")
    own = Put(key, value_set("a"), Access("hospital-a", ("hospital-a",), 3, False), {}, 0, "PUT")
    store.commit([own], Records(), now=NOW)
    publish(value_set("a"))
    publish()
    [kept] = store.find({"tenant": "hospital-a"}, Page(10))
    assert (kept.version, kept.resource is not None) == (1, True)


def test_what_is_published_is_found_by_its_url(store, publish):
    publish(value_set("a"))
    query = {"type": "ValueSet", "uri": {"$elemMatch": {"p": "url", "v": value_set("a")["url"]}}}
    assert [each.key.id for each in store.find(query, Page(10))] == ["a"]
