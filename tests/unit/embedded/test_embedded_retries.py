"""A write that a driver sends again is done once."""

from typing import Any

import pytest
from bson import Binary, Int64

from psolink.embedded.engine import Engine

from .conftest import Commands

SESSION = {"id": Binary(b"s" * 16, 4)}


def again(command, number, name, **fields):
    return command(name, "c", lsid=SESSION, txnNumber=Int64(number), **fields)


WRITES: list[tuple[str, dict[str, Any]]] = [
    ("insert", {"documents": [{"_id": 5}]}),
    ("update", {"updates": [{"q": {"_id": 1}, "u": {"$inc": {"n": 1}}}]}),
    ("delete", {"deletes": [{"q": {}, "limit": 1}]}),
    ("findAndModify", {"query": {"_id": 1}, "update": {"$inc": {"n": 1}}}),
]


@pytest.mark.parametrize(("name", "fields"), WRITES, ids=[name for name, _ in WRITES])
def test_a_write_with_the_same_number_is_done_once(command, name, fields):
    command.insert({"_id": 1, "n": 1}, {"_id": 2})
    first = again(command, 1, name, **fields)
    state = [command.stored(identity) for identity in (1, 2, 5)]
    assert first["ok"] == 1
    assert again(command, 1, name, **fields) == first
    assert [command.stored(identity) for identity in (1, 2, 5)] == state


def test_a_write_with_a_new_number_is_done(command):
    command.insert({"_id": 1, "n": 1})
    for number in (1, 2):
        again(command, number, "update", updates=WRITES[1][1]["updates"])
    assert command.stored(1) == {"_id": 1, "n": 3}


def test_a_write_with_an_old_number_is_refused(command):
    again(command, 2, "insert", documents=[{"_id": 1}])
    assert again(command, 1, "insert", documents=[{"_id": 2}])["code"] == 225


def test_a_write_is_known_after_a_restart(command, tmp_path):
    first = again(command, 1, "insert", documents=[{"_id": 1}])
    command.engine.close()
    reopened = Commands(Engine.open(tmp_path))
    assert again(reopened, 1, "insert", documents=[{"_id": 1}]) == first
    reopened.engine.close()
