"""An index is built while others write, and is right in the end."""

import random
import threading

import pytest

from psolink.embedded import index_build
from psolink.embedded.catalogue import Index, Namespace
from psolink.embedded.engine import Engine
from psolink.embedded.index_keys import KeyPattern

COUNT = 600
C = Namespace("test", "c")


@pytest.fixture
def filled(command):
    command.insert(*({"_id": n, "a": n % 10, "t": [n % 7, "x"]} for n in range(COUNT)))
    return command


def index(command, name):
    answer = command("listIndexes", "c")["cursor"]["firstBatch"]
    return next((each for each in answer if each["name"] == name), None)


def same_with_and_without(command, query):
    """Return what is found by the index, which is what is found by reading everything."""
    by_index = command.found(query, hint="a_t")
    rows = [command.stored(each) for each in command.found()]
    expected = [row["_id"] for row in rows if row["a"] == query["a"]]
    assert len(by_index) == len(expected)
    assert set(by_index) == set(expected)
    return by_index


def test_others_write_between_the_parts_of_a_build(filled, engine):
    before = engine.writer.commits
    filled.index("a", "t")
    assert engine.writer.commits - before >= COUNT // 200


def test_what_is_written_during_a_build_is_in_the_index(filled):
    stop = threading.Event()

    def write():
        number = COUNT
        while not stop.is_set():
            victim = random.randrange(COUNT)
            filled("update", "c", updates=[{"q": {"_id": victim}, "u": {"$set": {"a": 3}}}])
            filled("insert", "c", documents=[{"_id": number, "a": 3, "t": ["new"]}])
            filled("delete", "c", deletes=[{"q": {"_id": random.randrange(COUNT)}, "limit": 1}])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    assert filled.index("a", "t")["ok"] == 1
    stop.set()
    writer.join()
    assert len(same_with_and_without(filled, {"a": 3})) > 0
    same_with_and_without(filled, {"a": 4})
    with filled.engine.storage.snapshot() as snapshot:
        entries = snapshot.connection.execute(
            "SELECT count(*) FROM entries WHERE document NOT IN (SELECT id FROM documents)"
        ).fetchone()
    assert entries == (0,)


def begun(command):
    """Register an index as a build does that is cut off after its first part."""
    pattern = KeyPattern.of((("a", 1), ("t", 1)))
    wanted = Index(0, "a_t", pattern, unique=False, is_ready=False)

    def work(batch):
        return batch.register_index(batch.collection(C), wanted)

    return command.engine.writer.submit(work)


def test_an_index_that_is_being_built_is_not_read(filled):
    begun(filled)
    assert index(filled, "a_t") is None
    assert filled("find", "c", hint="a_t")["code"] == 2
    assert len(filled.found({"a": 3})) == COUNT // 10
    filled.insert({"_id": "new", "a": 3})
    filled.index("a", "t")
    assert "new" in same_with_and_without(filled, {"a": 3})


def test_a_build_that_was_cut_off_is_forgotten_at_the_next_start(filled, tmp_path):
    registered = begun(filled)
    filled.engine.writer.submit(lambda batch: index_build._add_slice(batch, C, registered.id, 0))
    filled.engine.close()
    again = Engine.open(tmp_path)
    with again.storage.snapshot() as snapshot:
        assert snapshot.connection.execute("SELECT count(*) FROM entries").fetchone() == (0,)
        collection = snapshot.collection(C)
        assert collection is not None
        assert collection.indexes == ()
    again.close()


def test_a_build_that_fails_leaves_nothing(filled):
    filled.insert({"_id": "two arrays", "a": [1, 2], "t": [1, 2]})
    assert filled.index("a", "t")["code"] == 171
    assert index(filled, "a_t") is None
    filled.insert({"_id": "more", "a": [1], "t": [2]})
