"""The engine is killed under load: nothing acknowledged is lost, no transaction is torn."""

import os
import random
import signal
import threading
import time
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from psolink.embedded.launcher import EngineProcess

pytestmark = [pytest.mark.soak, pytest.mark.http]

ROUNDS = 5
WRITERS = 4
PARTS = 3
# The dead engine does not come back to the writers of its round.
PATIENCE: dict[str, Any] = {"retryWrites": False, "serverSelectionTimeoutMS": 500}


class Load:
    """Writes until the engine dies, and remembers what was acknowledged."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.whole: list[str] = []
        self.counted = 0

    def run(self, uri: str, writer: str) -> None:
        with MongoClient[dict[str, Any]](uri, **PATIENCE) as client:
            number = 0
            try:
                while True:
                    number += 1
                    self._write(client, f"{writer}-{number}")
            except PyMongoError:
                return

    def _write(self, client: MongoClient[dict[str, Any]], name: str) -> None:
        if random.random() < 0.5:
            client.d.plain.insert_one({"_id": name, "k": [name, name[::-1]]})
            self.plain.append(name)
            return
        with client.start_session() as session, session.start_transaction():
            for part in range(PARTS):
                row = {"_id": f"{name}/{part}", "name": name, "text": "x" * 500}
                client.d[f"part{part}"].insert_one(row, session=session)
        self.whole.append(name)


def killed_under_load(data, load, round_number):
    with EngineProcess.start(data) as engine:
        writers = [
            threading.Thread(target=load.run, args=(engine.uri, f"{round_number}-{number}"))
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        time.sleep(random.uniform(1.0, 2.5))
        os.kill(engine.process_id, signal.SIGKILL)
        for writer in writers:
            writer.join(60)


def test_no_acknowledged_write_is_lost_and_no_transaction_is_torn(tmp_path):
    load = Load()
    with EngineProcess.start(tmp_path) as engine, MongoClient[Any](engine.uri) as client:
        client.d.plain.create_index("k")
    for round_number in range(ROUNDS):
        before = len(load.plain)
        killed_under_load(tmp_path, load, round_number)
        assert len(load.plain) > before
    with EngineProcess.start(tmp_path) as engine, MongoClient[Any](engine.uri) as client:
        stored = {row["_id"] for row in client.d.plain.find()}
        assert set(load.plain) <= stored
        assert all(client.d.plain.find_one({"k": name}) for name in random.sample(load.plain, 50))
        parts = [{row["name"] for row in client.d[f"part{part}"].find()} for part in range(PARTS)]
        assert parts[0] == parts[1] == parts[2]
        assert set(load.whole) <= parts[0]
