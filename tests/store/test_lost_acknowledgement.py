"""The connection breaks in the middle of a write: it is done once, and the client is told of it."""

import itertools
from collections import Counter
from threading import Thread
from typing import Any

import pytest
from pymongo import MongoClient
from tests.store.proxy import Fate, Proxy
from tests.store.test_store_contract import INDEXES, commit, everything, patient

from psolink.errors import Unavailable
from psolink.store.mongo import MongoStore
from psolink.store.rows import Rows
from psolink.store.startup import prepare_database
from psolink.store.values import Page, Reservation, VersionConflict

LOST = [Fate.LOSE_REQUEST, Fate.LOSE_REPLY]


class Losses:
    """Loses the first commands of given names, and counts what was sent."""

    def __init__(self):
        self.planned: dict[str, list[Fate]] = {}
        self.sent: Counter[str] = Counter()

    def plan(self, name, *fates):
        self.planned[name] = list(fates)
        self.sent.clear()

    def __call__(self, name):
        self.sent[name] += 1
        planned = self.planned.get(name)
        return planned.pop(0) if planned else Fate.PASS


@pytest.fixture
def losses():
    return Losses()


@pytest.fixture
def through(mongodb, mongodb_uri, database, losses, tmp_path_factory):
    """A client whose commands pass the proxy."""
    if not mongodb_uri.startswith("mongodb://%2F"):
        pytest.skip("the proxy stands before the engine's unix socket")
    prepare_database(mongodb, database, INDEXES)
    proxy = Proxy(mongodb_uri, tmp_path_factory.mktemp("p"), losses)
    with MongoClient[Any](
        proxy.uri, tz_aware=True, w="majority", serverSelectionTimeoutMS=1000
    ) as client:
        yield client
    proxy.close()


@pytest.fixture
def store(through, database):
    return MongoStore(through, database)


def counts(mongodb, database):
    return {
        name: mongodb[database][name].count_documents({})
        for name in ("resources", "history", "reservations", "audit")
    }


@pytest.mark.parametrize("fates", [LOST[:1], LOST[1:], [Fate.LOSE_REPLY] * 4], ids=str)
def test_a_create_whose_commit_was_not_acknowledged_is_there_once(
    store, losses, mongodb, database, fates
):
    losses.plan("commitTransaction", *fates)
    [written] = commit(
        store, patient("1", reservations=(Reservation("name"),)), audit=({"_id": "row"},)
    )
    assert written.version == 1
    assert losses.sent["commitTransaction"] > len(fates)
    assert counts(mongodb, database) == {
        "resources": 1,
        "history": 0,
        "reservations": 1,
        "audit": 1,
    }


@pytest.mark.parametrize("fate", LOST, ids=str)
def test_an_update_whose_commit_was_not_acknowledged_is_done_once(store, losses, fate):
    commit(store, patient("1", active=False))
    losses.plan("commitTransaction", fate)
    [written] = commit(store, patient("1", if_version=1, active=True))
    assert (written.version, written.content["active"]) == (2, True)
    assert [each.version for each in store.versions({"id": "1"}, limit=9)] == [1]
    assert everything(store)[0].version == 2


@pytest.mark.parametrize(
    "lost", list(itertools.product(["insert", "update", "find"], LOST)), ids=str
)
def test_a_connection_that_breaks_within_a_transaction_begins_it_anew(
    store, losses, mongodb, database, lost
):
    commit(store, patient("1"))
    losses.plan(*lost)
    commit(store, patient("1", if_version=1), patient("2", reservations=(Reservation("n"),)))
    assert counts(mongodb, database) | {"audit": 0} == {
        "resources": 2,
        "history": 1,
        "reservations": 1,
        "audit": 0,
    }


@pytest.mark.parametrize("fate", LOST, ids=str)
def test_a_row_whose_acknowledgement_was_lost_is_added_once_and_known_to_be(
    through, database, losses, fate
):
    rows = Rows(through, database, "assertions")
    losses.plan("insert", fate)
    assert rows.add("jti", {}) is True
    assert rows.add("jti", {}) is False


def test_a_read_is_repeated(store, losses):
    commit(store, patient("1"))
    losses.plan("find", Fate.LOSE_REPLY)
    assert len(everything(store)) == 1


def test_a_database_that_stays_away_is_said_to_be_unavailable(store, losses):
    commit(store, patient("1"))
    losses.plan("find", *[Fate.LOSE_REPLY] * 1000)
    with pytest.raises(Unavailable, match="does not answer") as refusal:
        store.find({}, Page(1))
    assert refusal.value.headers["Retry-After"]


def test_transactions_that_cross_all_come_through(mongodb, database):
    """Each writes the same two resources, in opposite orders, on the versions it has read."""
    prepare_database(mongodb, database, INDEXES)
    store = MongoStore(mongodb, database)
    commit(store, patient("1"), patient("2"))
    failures: list[Exception] = []

    def write(order):
        done = 0
        while done < 8:
            versions = {each.key.id: each.version for each in everything(store)}
            try:
                commit(store, *(patient(each, if_version=versions[each]) for each in order))
                done += 1
            except VersionConflict:
                continue
            except Exception as failure:  # noqa: BLE001 - whatever it is, it must not be
                failures.append(failure)
                return

    threads = [Thread(target=write, args=(order,)) for order in ["12", "21"] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {each.version for each in everything(store)} == {1 + 6 * 8}
