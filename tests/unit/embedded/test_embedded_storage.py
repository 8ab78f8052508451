import sqlite3

import pytest

from psolink.embedded import storage
from psolink.embedded.errors import CommandError
from psolink.embedded.storage import Storage

READS = [value for name, value in vars(storage).items() if str(value).startswith("SELECT ")]
# Without these, a read is not one walk along an index.
SLOW = ("SCAN documents", "SCAN e", "USE TEMP B-TREE", "AUTOMATIC")


@pytest.mark.parametrize("statement", READS)
def test_every_read_walks_along_an_index(engine, statement):
    values = ["x"] * statement.count("?")
    ordered = statement + (" DESC" if statement.endswith("key") else "")
    for read in (statement, ordered):
        steps = engine.storage.writing.execute(f"EXPLAIN QUERY PLAN {read}", values).fetchall()
        assert [step[3] for step in steps if step[3].startswith(SLOW)] == []


def test_the_statements_are_found_for_the_test_above():
    assert len(READS) >= 8


def test_what_is_committed_is_on_disk(engine):
    settings = [
        engine.storage.writing.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    ]
    assert settings == ["wal", 2]


def test_a_file_of_another_format_is_refused(tmp_path):
    Storage(tmp_path).close()
    with sqlite3.connect(tmp_path / "psolink.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(CommandError, match="format 99"):
        Storage(tmp_path)


def test_a_snapshot_stays_as_it_was_and_the_next_is_new(engine, command):
    command.insert({"_id": 1})
    with engine.storage.snapshot() as snapshot:
        (collection,) = snapshot.catalogue.within("test")
        command.insert({"_id": 2})
        assert snapshot.count(collection) == 1
    with engine.storage.snapshot() as snapshot:
        assert snapshot.count(collection) == 2


def test_a_snapshot_that_fails_half_read_is_not_used_again(engine, command):
    command.insert({"_id": 1}, {"_id": 2})
    with pytest.raises(ZeroDivisionError):
        leave_half_read(engine)
    command.insert({"_id": 3})
    assert command.found() == [1, 2, 3]


def leave_half_read(engine):
    with engine.storage.snapshot() as snapshot:
        rows = snapshot.connection.execute("SELECT id FROM documents")
        assert rows.fetchone()
        raise ZeroDivisionError
