"""The log of slow queries tells how a query looks, and not what it asks for."""

import logging
from datetime import UTC, datetime

import pytest
from tests.store.test_store_contract import INDEXES, commit, patient

from psolink.store.mongo import MongoStore
from psolink.store.slow_queries import SlowQueries, shape
from psolink.store.startup import prepare_database
from psolink.store.values import Page

SECRET = {"type": "Patient", "token": {"$elemMatch": {"p": "gender", "s": "urn:s", "c": "secret"}}}


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.WARNING, "psolink.store.slow_queries")
    return caplog


class Slow(SlowQueries):
    """Finds that every query took a second."""

    def note(self, watch, seconds):
        super().note(watch, seconds + 1)


@pytest.fixture
def watch(mongodb, database):
    prepare_database(mongodb, database, INDEXES)
    return Slow(mongodb[database], 500).watch


def test_a_slow_query_is_told_with_its_index_and_without_values(watch, told):
    with watch("find", "resources", SECRET):
        pass
    assert "slow find in resources: 1000 ms, index by_" in told.text
    assert "'p': 'gender'" in told.text
    assert "secret" not in told.text


def test_what_reads_every_document_is_told_to_use_no_index(watch, told):
    with watch("find", "resources", {"level": {"$lte": 3}}):
        pass
    assert "index none" in told.text


def test_a_quick_query_is_not_told(mongodb, database, told):
    with SlowQueries(mongodb[database], 60_000).watch("find", "resources", SECRET):
        pass
    assert told.text == ""


def test_a_threshold_of_nothing_tells_nothing(mongodb, database, told):
    with Slow(mongodb[database], 0).watch("find", "resources", SECRET):
        pass
    assert told.text == ""


def test_a_query_that_fails_is_told_too_and_its_failure_stays(watch, told):
    with pytest.raises(ZeroDivisionError), watch("find", "resources", SECRET):
        raise ZeroDivisionError
    assert "slow find" in told.text


def test_the_store_watches_reads_and_writes(mongodb, database, told):
    store = MongoStore(mongodb, database, slow_query_milliseconds=60_000)
    store._watch = Slow(mongodb[database], 500).watch
    commit(store, patient("secret-id"))
    store.find(SECRET, Page(3))
    store.count(SECRET)
    lines = [each.getMessage() for each in told.records]
    assert [each.split(":")[0] for each in lines] == [
        "slow commit in resources",
        "slow find in resources",
        "slow count in resources",
    ]
    assert "secret" not in told.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"a": 1, "b": "x"}, {"a": "?", "b": "?"}, id="values"),
        pytest.param({"a": {"$in": ["x", "y"]}}, {"a": {"$in": ["?", "2 in all"]}}, id="a list"),
        pytest.param(
            {"$or": [{"a": datetime(2026, 1, 1, tzinfo=UTC)}, {"b": 2}]},
            {"$or": [{"a": "?"}, {"b": "?"}]},
            id="alternatives",
        ),
        pytest.param({"type": {"$in": ["Patient"]}}, {"type": {"$in": ["Patient"]}}, id="types"),
        pytest.param({"p": "name", "v": "Ann"}, {"p": "name", "v": "?"}, id="a parameter"),
    ],
)
def test_a_shape_has_no_values(query, expected):
    assert shape(query) == expected
