"""Conditions between resources hold at the moment of a commit."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from psolink.search.indexes import SEARCH_INDEXES
from psolink.store.indexes import STORE_INDEXES
from psolink.store.mongo import MongoStore
from psolink.store.startup import prepare_database
from psolink.store.values import Access, Delete, Key, Page, Put, Records, VersionConflict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCESS = Access("a", ("a",), 3, pswp=False)
TARGET = Key("a", "Patient", "target")
REFERRER = Key("a", "Patient", "referrer")
UNLESS = {"tenant": "a", "refers": TARGET.reference, "deleted": False}


class StoreWithRival(MongoStore):
    """In one commit somebody else writes once its snapshot of the database is taken."""

    rival: Callable[[], object] | None = None

    def _current(self, writes, session):
        found = super()._current(writes, session)
        rival, self.rival = self.rival, None
        if rival is not None:
            rival()
        return found


@pytest.fixture
def store(mongodb, database):
    prepare_database(mongodb, database, (*STORE_INDEXES, *SEARCH_INDEXES))
    made = StoreWithRival(mongodb, database)
    commit(made, put(TARGET))
    return made


@pytest.fixture
def other(mongodb, database):
    return MongoStore(mongodb, database)


def put(key: Key, *, refers=(), requires=(), if_version=0) -> Put:
    resource = {"resourceType": key.type, "id": key.id}
    index = {"refers": list(refers)} if refers else {}
    return Put(key, resource, ACCESS, index, if_version, "PUT", requires=tuple(requires))


def commit(store, *writes):
    return store.commit(writes, Records(), now=NOW)


def referring() -> Put:
    return put(REFERRER, refers=[TARGET.reference], requires=[str(TARGET)])


def deleting() -> Delete:
    return Delete(TARGET, ACCESS, 1, unless=UNLESS)


def alive(store) -> list[str]:
    return sorted(each.key.id for each in store.find({"deleted": False}, Page(10)))


def test_what_is_required_is_there_or_nothing_is_stored(store):
    commit(store, Delete(TARGET, ACCESS, 1))
    with pytest.raises(VersionConflict):
        commit(store, referring())
    assert alive(store) == []


def test_a_delete_waits_for_what_refers_to_it(store):
    commit(store, referring())
    with pytest.raises(VersionConflict):
        commit(store, deleting())
    assert alive(store) == ["referrer", "target"]


def test_being_required_changes_neither_version_nor_time(store):
    [before] = store.find({"id": "target"}, Page(1))
    commit(store, referring())
    [after] = store.find({"id": "target"}, Page(1))
    assert (after.version, after.updated, after.resource) == (1, before.updated, before.resource)
    assert commit(store, put(TARGET, if_version=1))[0].version == 2


def test_a_target_that_is_deleted_meanwhile_refuses_the_reference(store, other):
    commit(store, put(REFERRER))
    store.rival = lambda: commit(other, deleting())
    update = put(REFERRER, refers=[TARGET.reference], requires=[str(TARGET)], if_version=1)
    with pytest.raises(VersionConflict):
        commit(store, update)
    [kept] = store.find({"deleted": False}, Page(10))
    assert (kept.key, kept.version) == (REFERRER, 1)


def test_a_reference_that_comes_meanwhile_refuses_the_delete(store, other):
    store.rival = lambda: commit(other, referring())
    with pytest.raises(VersionConflict):
        commit(store, deleting())
    assert alive(store) == ["referrer", "target"]
