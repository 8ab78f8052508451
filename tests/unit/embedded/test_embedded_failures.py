"""The disk is full, the file is damaged or newer: clear words, and nothing acknowledged is lost."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from psolink.embedded import query
from psolink.embedded.launcher import EngineNotStarted, EngineProcess
from psolink.embedded.storage import FILE_NAME, Storage

pytestmark = pytest.mark.http

_FILL = """
import json, sys
from pathlib import Path
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from psolink.embedded.launcher import EngineProcess

with EngineProcess.start(Path(sys.argv[1])) as engine, MongoClient(engine.uri) as client:
    taken, refusal = 0, None
    try:
        while taken < 5000:
            client.d.c.insert_one({"_id": taken, "a": "x" * 20_000})
            taken += 1
    except OperationFailure as failure:
        refusal = [failure.code, str(failure.details["errmsg"])]
    again = client.d.c.find_one({"_id": taken - 1}) is not None
    print(json.dumps([taken, refusal, again, engine.is_alive()]))
"""


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))


def test_a_full_disk_is_said_and_what_was_acknowledged_stays(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", _FILL, str(tmp_path)],
        preexec_fn=limit_files,
        capture_output=True,
        text=True,
        check=True,
    )
    taken, refusal, is_readable, is_alive = json.loads(run.stdout.splitlines()[-1])
    assert refusal[0] == 14031
    assert "full" in refusal[1]
    assert "full" in run.stderr
    assert is_readable
    assert is_alive
    with EngineProcess.start(tmp_path) as engine, MongoClient[Any](engine.uri) as client:
        assert client.d.c.count_documents({}) == taken
        client.d.c.insert_one({"_id": "room again"})


@contextmanager
def changed(folder):
    Storage(folder).close()
    connection = sqlite3.connect(folder / FILE_NAME)
    with connection:
        yield connection
    connection.close()


def test_a_file_of_a_newer_release_is_left_alone_and_said(tmp_path):
    with changed(tmp_path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(EngineNotStarted, match="newer release: it has format 99"):
        EngineProcess.start(tmp_path)


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database" * 100)
    with pytest.raises(EngineNotStarted, match="damaged: restore a backup"):
        EngineProcess.start(tmp_path)


def test_damage_that_shows_later_is_an_answer_and_not_the_end(tmp_path, capfd):
    with EngineProcess.start(tmp_path) as engine, MongoClient[Any](engine.uri) as client:
        client.d.c.insert_many([{"_id": number, "a": "x" * 2_000} for number in range(500)])
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek(4096 * 20)
        file.write(os.urandom(4096 * 100))
    with EngineProcess.start(tmp_path) as engine, MongoClient[Any](engine.uri) as client:
        with pytest.raises(OperationFailure, match="damaged: restore a backup"):
            list(client.d.c.find())
        assert engine.is_alive()
    assert "damaged" in capfd.readouterr().err


def test_a_sort_that_does_not_fit_into_memory_is_refused(command):
    rows = query.MAX_SORT_BYTES // 8_000_000 + 1
    command.insert(*({"_id": number, "a": "x" * 8_000_000} for number in range(rows)))
    assert command("find", "c", sort={"a": 1})["code"] == 292
    assert command.found(sort={"_id": -1}, limit=1) == [rows - 1]


def test_distinct_values_that_do_not_fit_into_an_answer_are_refused(command):
    command.insert(*({"_id": number, "a": f"{number}" + "x" * 6_000_000} for number in range(3)))
    assert command("distinct", "c", key="a")["code"] == 10334
