"""The engine as a process: its folder, its socket, its beginning and its end."""

import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from psolink.embedded.launcher import EngineNotStarted, EngineProcess, socket_address
from psolink.embedded.server import FolderInUse, lock_folder

pytestmark = pytest.mark.http


@pytest.fixture
def running(tmp_path):
    with EngineProcess.start(tmp_path / "data") as engine:
        yield engine


def connected(engine: EngineProcess) -> MongoClient[dict[str, Any]]:
    return MongoClient(engine.uri)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def gone(process_id: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        state = Path(f"/proc/{process_id}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_nobody_else_reads_the_folder_or_the_socket(running, tmp_path):
    assert running.is_alive()
    assert mode(tmp_path / "data") == 0o700
    assert mode(tmp_path / "data" / "engine.sock") == 0o600
    assert mode(tmp_path / "data" / "psolink.sqlite") == 0o600


def test_a_driver_takes_the_uri_as_it_is(running):
    with connected(running) as client:
        client.d.c.insert_one({"_id": 1})
        with client.start_session() as session:
            session.with_transaction(lambda each: client.d.c.insert_one({"_id": 2}, session=each))
        assert client.d.c.count_documents({}) == 2


def test_what_was_written_is_there_after_a_restart(tmp_path):
    for expected in (1, 2):
        with EngineProcess.start(tmp_path) as engine, connected(engine) as client:
            client.d.c.insert_one({})
            assert client.d.c.count_documents({}) == expected


def test_stopping_removes_the_socket(tmp_path):
    engine = EngineProcess.start(tmp_path)
    engine.stop()
    assert not engine.is_alive()
    assert not (tmp_path / "engine.sock").exists()


def test_a_long_path_gets_a_short_socket(tmp_path):
    data = tmp_path / ("long" * 30)
    with EngineProcess.start(data) as engine, connected(engine) as client:
        assert client.admin.command("ping")["ok"] == 1
    address = socket_address(data)
    assert len(os.fsencode(address)) <= 107
    assert mode(address.parent) == 0o700
    address.parent.rmdir()


def test_a_second_engine_on_the_folder_is_refused(running, tmp_path):
    with pytest.raises(EngineNotStarted, match="another engine uses the data folder"):
        EngineProcess.start(tmp_path / "data")
    assert running.is_alive()


def test_the_folder_is_free_once_the_lock_is_closed(tmp_path):
    with lock_folder(tmp_path), pytest.raises(FolderInUse, match="or choose another folder"):
        lock_folder(tmp_path, seconds=0)
    lock_folder(tmp_path, seconds=0).close()


def test_an_engine_whose_parent_dies_ends(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; "
        "from psolink.embedded.launcher import EngineProcess; "
        "engine = EngineProcess.start(Path(sys.argv[1])); "
        "print(engine.process_id, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    process_id = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    assert gone(process_id)


def test_an_interrupt_leaves_the_engine_to_its_parent(running):
    os.killpg(os.getpgid(running.process_id), signal.SIGINT)
    assert gone(running.process_id)


def raw_connection(tmp_path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(5)
    client.connect(str(tmp_path / "data" / "engine.sock"))
    return client


BROKEN = {
    "no protocol at all": b"GET / HTTP/1.1\r\n\r\n" * 3,
    "a length beyond the limit": struct.pack("<iiii", 2**31 - 1, 1, 0, 2013),
    "broken BSON": struct.pack("<iiiiIbi", 30, 1, 0, 2013, 0, 0, 9) + b"\x99a\0\0\0",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_client_loses_its_connection_and_nobody_else(running, tmp_path, content):
    with connected(running) as client, raw_connection(tmp_path) as broken:
        broken.sendall(content)
        with suppress(ConnectionResetError):
            assert broken.recv(1) == b""
        assert client.admin.command("ping")["ok"] == 1


def test_a_client_that_dies_in_a_transaction_leaves_the_engine_usable(running):
    with connected(running) as survivor:
        survivor.d.c.insert_one({"_id": 0})
        program = (
            "import os, sys, pymongo; client = pymongo.MongoClient(sys.argv[1]); "
            "session = client.start_session(); session.start_transaction(); "
            "client.d.c.update_one({'_id': 0}, {'$set': {'a': 1}}, session=session); os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", program, running.uri], check=True)
        assert survivor.d.c.update_one({"_id": 0}, {"$set": {"b": 1}}).modified_count == 1
        assert survivor.d.c.find_one() == {"_id": 0, "b": 1}


def test_an_unknown_command_reaches_the_driver_as_its_error(running):
    with connected(running) as client, pytest.raises(OperationFailure) as refusal:
        client.admin.command("bogus")
    assert refusal.value.code == 59


def test_documents_do_not_reach_the_log(tmp_path, capfd):
    with EngineProcess.start(tmp_path) as engine, connected(engine) as client:
        client.d.c.insert_one({"_id": "secret-id", "name": "secret-name"})
        with pytest.raises(OperationFailure):
            client.d.c.find_one({"$secret-operator": 1})
    written = capfd.readouterr().err
    assert "single-host default" in written
    assert "secret" not in written
