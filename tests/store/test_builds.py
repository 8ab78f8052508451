"""A build takes values from what is stored, and is active when nothing can be missing."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.store.test_store_contract import INDEXES, commit, patient

from psolink.store.builds import ACTIVE, BUILDING, WALKED, Builds
from psolink.store.documents import CODEC
from psolink.store.mongo import MongoStore
from psolink.store.reindex import Reindex
from psolink.store.startup import prepare_database

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def found(mongodb, database):
    prepare_database(mongodb, database, INDEXES)
    return mongodb.get_database(database, codec_options=CODEC)


@pytest.fixture
def store(mongodb, database):
    return MongoStore(mongodb, database)


@pytest.fixture
def advance(found, clock):
    builds = Builds(found, clock, grace=timedelta(seconds=20))

    def walk(since):
        late = {} if since is None else {"updated": {"$gte": since}}
        return Reindex(found, lambda each: {"token": [{"p": "new", "c": each.key.id}]}, late)

    return lambda: builds.advance("x", walk)


def state(found):
    return found["search_parameters"].find_one({"_id": "x"})["state"]


def built(found):
    return {each["id"] for each in found["resources"].find({"token.p": "new"})}


def test_a_build_is_active_only_after_the_grace(store, found, advance, clock):
    commit(store, patient("1"))
    assert advance() is True
    assert (state(found), built(found)) == (WALKED, {"1"})
    clock.now += timedelta(seconds=19)
    assert (advance(), state(found)) == (False, WALKED)
    clock.now += timedelta(seconds=2)
    assert (advance(), state(found)) == (False, ACTIVE)


def test_what_a_writer_commits_who_did_not_know_is_taken_too(store, found, advance, clock):
    for number in range(250):
        commit(store, patient(f"{number:03}"))
    advance()
    assert state(found) == BUILDING
    # Behind the place that the walk has reached, and without the new values.
    commit(store, patient("0000"), now=clock.now + timedelta(seconds=1))
    commit(store, patient("001", if_version=1), now=clock.now + timedelta(seconds=1))
    advance()
    assert built(found).isdisjoint({"0000", "001"})
    clock.now += timedelta(seconds=20)
    advance()
    assert state(found) == ACTIVE
    assert len(built(found)) == 251


def test_what_is_active_is_left_alone(store, found, advance, clock):
    advance()
    clock.now += timedelta(seconds=20)
    advance()
    commit(store, patient("1"))
    assert (advance(), built(found)) == (False, set())
