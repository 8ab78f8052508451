"""Transactions, by interleaving two clients of one engine."""

import threading
import time
from uuid import uuid4

import pytest
from bson import Binary, Int64

from psolink.embedded import transaction, writer
from psolink.embedded.engine import Engine

from .conftest import Commands

TRANSIENT = ["TransientTransactionError"]


class Transaction:
    """Sends commands within one transaction."""

    def __init__(self, command: Commands, number: int = 1, lsid: object = None) -> None:
        self.command = command
        self.fields = {
            "lsid": lsid or {"id": Binary(uuid4().bytes, 4)},
            "txnNumber": Int64(number),
            "autocommit": False,
        }
        self._start: dict[str, object] = {"startTransaction": True}

    def __call__(self, name, target=1, **fields):
        start, self._start = self._start, {}
        return self.command(name, target, **fields, **self.fields, **start)

    def insert(self, *rows):
        return self("insert", "c", documents=list(rows))

    def update(self, identity, change, **fields):
        return self("update", "c", updates=[{"q": {"_id": identity}, "u": change, **fields}])

    def delete(self, identity):
        return self("delete", "c", deletes=[{"q": {"_id": identity}, "limit": 1}])

    def found(self, query=None, **fields):
        answer = self("find", "c", filter=query or {}, **fields)
        return [row["_id"] for row in answer["cursor"]["firstBatch"]]

    def commit(self):
        return self("commitTransaction")

    def abort(self):
        return self("abortTransaction")


@pytest.fixture
def one(command) -> Transaction:
    command.insert({"_id": 0, "v": 1})
    return Transaction(command)


@pytest.fixture
def other(one, other_client) -> Transaction:
    return Transaction(other_client)


def test_nobody_sees_a_transaction_before_it_commits(one, command):
    one.insert({"_id": 1})
    one.update(0, {"v": 2})
    assert command.found() == [0]
    assert command.stored(0) == {"_id": 0, "v": 1}
    assert one.commit() == {"ok": 1}
    assert command.found() == [0, 1]
    assert command.stored(0) == {"_id": 0, "v": 2}


def test_an_abort_leaves_nothing(one, command):
    one.insert({"_id": 1})
    one.update(0, {"$set": {"v": 2}})
    one.delete(0)
    one.update(5, {"v": 5}, upsert=True)
    one("findAndModify", "d", query={"_id": 9}, update={"v": 9}, upsert=True)
    assert one.abort() == {"ok": 1}
    assert command.found() == [0]
    assert command.stored(0) == {"_id": 0, "v": 1}
    assert command("find", "d")["cursor"]["firstBatch"] == []


def test_a_transaction_sees_its_own_writes(one):
    one.insert({"_id": 1, "v": 3})
    one.delete(0)
    assert one.found() == [1]
    assert one("distinct", "c", key="v")["values"] == [3]
    counting = [{"$match": {"v": 3}}, {"$count": "n"}]
    answer = one("aggregate", "c", pipeline=counting, cursor={})
    assert answer["cursor"]["firstBatch"] == [{"n": 1}]


def test_a_transaction_reads_one_moment(one, command):
    assert one.found() == [0]
    command.insert({"_id": 1})
    command("update", "c", updates=[{"q": {"_id": 0}, "u": {"v": 9}}])
    assert one.found({"v": 1}) == [0]


def test_a_transaction_may_write_what_it_wrote_before(one, command):
    one.insert({"_id": 1, "v": 1})
    one.update(1, {"$inc": {"v": 1}})
    one.delete(1)
    one.insert({"_id": 1, "v": 7})
    assert one.commit()["ok"] == 1
    assert command.stored(1) == {"_id": 1, "v": 7}


def test_a_transaction_may_write_to_a_collection_that_is_not_there(one, command):
    assert one("insert", "new", documents=[{"_id": 1}])["ok"] == 1
    one.commit()
    assert command("count", "new")["n"] == 1


def test_transactions_on_different_documents_both_commit(one, other, command):
    one.insert({"_id": 1})
    other.insert({"_id": 2})
    assert (one.commit()["ok"], other.commit()["ok"]) == (1, 1)
    assert command.found() == [0, 1, 2]


def test_a_document_that_another_transaction_writes_is_a_conflict(one, other, command):
    one.update(0, {"$inc": {"v": 1}})
    answer = other.update(0, {"$inc": {"v": 1}})
    assert (answer["code"], answer["errorLabels"]) == (112, TRANSIENT)
    assert other.commit()["code"] == 251
    assert one.commit()["ok"] == 1
    assert command.stored(0) == {"_id": 0, "v": 2}


def test_a_document_that_changed_since_the_snapshot_is_a_conflict(one, command):
    assert one.found() == [0]
    command("update", "c", updates=[{"q": {"_id": 0}, "u": {"$inc": {"v": 1}}}])
    answer = one.update(0, {"$inc": {"v": 1}})
    assert (answer["code"], answer["errorLabels"]) == (112, TRANSIENT)


def test_a_document_that_came_since_the_snapshot_is_a_conflict(one, command):
    one.found()
    command.insert({"_id": 1})
    assert one.insert({"_id": 1})["code"] == 112


def test_a_document_that_went_since_the_snapshot_is_a_conflict(one, command):
    one.found()
    command("delete", "c", deletes=[{"q": {"_id": 0}, "limit": 1}])
    assert one.delete(0)["code"] == 112


def test_a_lost_update_is_impossible(one, other, command):
    """Both read, then both write: one of them has to run again."""
    assert one.found({"v": 1}) == other.found({"v": 1}) == [0]
    assert one.update(0, {"$inc": {"v": 1}})["n"] == 1
    assert one.commit()["ok"] == 1
    assert other.update(0, {"$inc": {"v": 1}})["code"] == 112


def test_the_same_id_inserted_twice_is_a_conflict(one, other):
    one.insert({"_id": 1})
    assert other.insert({"_id": 1})["code"] == 112


def test_the_same_unique_key_taken_twice_is_a_conflict(one, other, command):
    command.index("k", unique=True)
    one.insert({"_id": 1, "k": "x"})
    assert other.insert({"_id": 2, "k": "x"})["code"] == 112


def test_a_unique_key_that_was_taken_since_the_snapshot_is_a_conflict(one, command):
    command.index("k", unique=True)
    one.found()
    command.insert({"_id": 1, "k": "x"})
    assert one.insert({"_id": 2, "k": "x"})["code"] == 112


def test_a_duplicate_within_a_transaction_is_refused_and_aborts_it(one, command):
    command.index("k", unique=True)
    command.insert({"_id": 1, "k": "x"})
    answer = one.insert({"_id": 2, "k": "y"}, {"_id": 3, "k": "x"}, {"_id": 4, "k": "z"})
    assert [error["code"] for error in answer["writeErrors"]] == [11000]
    assert one.commit()["code"] == 251
    assert command.found() == [0, 1]


def test_two_documents_of_one_transaction_cannot_share_a_unique_key(one, command):
    command.index("k", unique=True)
    assert "writeErrors" in one.insert({"_id": 1, "k": "x"}, {"_id": 2, "k": "x"})


def test_a_unique_key_can_be_handed_over_within_a_transaction(one, command):
    command.index("k", unique=True)
    command.insert({"_id": 2, "k": "two"}, {"_id": 1, "k": "one"})
    one.update(2, {"k": "three"})
    one.update(1, {"k": "two"})
    one.update(2, {"k": "one"})
    assert one.commit()["ok"] == 1
    assert (command.found({"k": "one"}), command.found({"k": "two"})) == ([2], [1])


def test_an_index_that_is_built_meanwhile_knows_what_is_committed(one, command):
    one.insert({"_id": 1, "k": "x"})
    command.index("k")
    one.commit()
    assert command.found({"k": "x"}, hint="k") == [1]


def test_a_collection_that_is_dropped_meanwhile_is_a_conflict(one, command):
    one.update(0, {"v": 2})
    command("drop", "c")
    answer = one.commit()
    assert (answer["code"], answer["errorLabels"]) == (112, TRANSIENT)
    assert command.found() == []


def test_a_commit_that_is_sent_again_succeeds_again(one):
    one.insert({"_id": 1})
    assert one.commit() == one.commit() == {"ok": 1}
    assert one.abort()["code"] == 256


def test_a_commit_is_known_after_a_restart(one, command, tmp_path):
    one.insert({"_id": 1})
    one.commit()
    command.engine.close()
    one.command = Commands(Engine.open(tmp_path))
    assert one.commit() == {"ok": 1}
    one.command.engine.close()


def test_nothing_can_be_done_after_an_abort(one):
    one.insert({"_id": 1})
    one.abort()
    for answer in (one.commit(), one.abort(), one.insert({"_id": 2})):
        assert (answer["code"], answer["errorLabels"]) == (251, TRANSIENT)


def test_a_transaction_that_was_never_started_is_refused(command):
    lost = Transaction(command)
    lost._start = {}
    assert lost.insert({"_id": 1})["code"] == 251
    assert lost.commit()["code"] == 251


def test_a_new_transaction_ends_the_old_one_of_its_session(one, command):
    one.insert({"_id": 1})
    newer = Transaction(command, number=2, lsid=one.fields["lsid"])
    newer.insert({"_id": 2})
    assert one.commit()["code"] == 251
    assert newer.commit()["ok"] == 1
    assert Transaction(command, number=1, lsid=one.fields["lsid"]).insert({})["code"] == 225


def test_a_command_that_no_transaction_may_hold_aborts_it(one, command):
    one.insert({"_id": 1})
    assert one("createIndexes", "c", indexes=[])["code"] == 263
    assert one.commit()["code"] == 251


def test_a_failing_command_aborts_the_transaction(one):
    one.insert({"_id": 1})
    assert one("find", "c", filter={"$bogus": 1})["code"] == 2
    assert one.commit()["code"] == 251


def test_a_plain_write_waits_for_the_transaction(one, command):
    one.update(0, {"$inc": {"v": 10}})
    done: list[object] = []
    updates = [{"q": {"_id": 0}, "u": {"$inc": {"v": 1}}}]
    waiting = threading.Thread(
        target=lambda: done.append(command("update", "c", updates=updates)["nModified"])
    )
    waiting.start()
    time.sleep(0.1)
    assert done == []
    one.commit()
    waiting.join(2)
    assert done == [1]
    assert command.stored(0) == {"_id": 0, "v": 12}


def test_a_plain_write_waits_for_a_unique_key_that_a_transaction_has_taken(engine, command, one):
    engine.writer = writer.Writer(engine.storage, engine.locks, wait_seconds=0.05)
    command.index("k", unique=True)
    one.insert({"_id": 1, "k": "x"})
    assert command("insert", "c", documents=[{"_id": 2, "k": "x"}])["code"] == 24
    assert one.commit()["ok"] == 1


def test_a_plain_write_does_not_wait_for_ever(engine, command, one):
    impatient = writer.Writer(engine.storage, engine.locks, wait_seconds=0.05)
    one.update(0, {"v": 2})
    engine.writer = impatient
    answer = command("update", "c", updates=[{"q": {"_id": 0}, "u": {"v": 3}}])
    assert answer["code"] == 24


def test_a_closed_connection_aborts_its_transaction(engine, command):
    connection = object()
    lost = Transaction(Commands(engine, connection))
    lost.insert({"_id": 1})
    engine.sessions.connection_closed(connection)
    assert lost.commit()["code"] == 251
    command.insert({"_id": 1})


def test_an_ended_session_aborts_its_transaction(one, command):
    one.insert({"_id": 1})
    assert command("endSessions", [one.fields["lsid"]])["ok"] == 1
    assert one.commit()["code"] == 251


def test_a_transaction_that_stays_open_too_long_is_aborted(one, engine, command):
    one.insert({"_id": 1})
    session = engine.sessions.get(bytes(one.fields["lsid"]["id"]))
    session.transaction.started -= transaction.LIFETIME_SECONDS + 1
    engine.tidy()
    assert one.commit()["code"] == 251
    command.insert({"_id": 1})


def test_a_cursor_belongs_to_its_transaction(one, command):
    one.insert(*({"_id": number} for number in range(1, 6)))
    cursor = one("find", "c", batchSize=2)["cursor"]["id"]
    assert command("getMore", cursor, collection="c")["code"] == 43
    assert len(one("getMore", cursor, collection="c")["cursor"]["nextBatch"]) == 4


def test_a_cursor_ends_with_its_transaction(one, command):
    one.insert(*({"_id": number} for number in range(1, 6)))
    cursor = one("find", "c", batchSize=2)["cursor"]["id"]
    one.commit()
    assert command("killCursors", "c", cursors=[cursor])["cursorsNotFound"] == [cursor]


def test_a_transaction_cannot_grow_without_end(one):
    big = {"a": "x" * 15_000_000}
    codes = [one("insert", "c", documents=[big]).get("writeErrors", []) for _ in range(9)]
    assert [error["code"] for errors in codes for error in errors] == [257]
