"""Processes of a server are killed under load: it comes back, whole, by itself."""

import itertools
import os
import random
import signal
import threading
import time

import pytest
from tests.builders import patient
from tests.server_process import Client, background_worker, embedded_engine, running, web_workers
from tests.soak.load import Record, Writer, faults

pytestmark = [pytest.mark.soak, pytest.mark.http]

ROUNDS = 20
WRITERS = 4
LOAD_SECONDS = 2.5
BACK_SECONDS = 30.0


def engine(server):
    return [embedded_engine(server)]


def every_process(server):
    return [*web_workers(server), embedded_engine(server), background_worker(server)]


VICTIMS = (web_workers, engine, every_process)


def seconds_until_back(server):
    """Return how long it took until a write was taken again."""
    began = time.monotonic()
    client = Client(server, "hospital-a")
    while time.monotonic() < began + BACK_SECONDS:
        try:
            if client.send("POST", "/Patient", patient()).status_code == 201:
                return time.monotonic() - began
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not come back")


def kill_in_rounds(server, record):
    for number, victims in zip(range(ROUNDS), itertools.cycle(VICTIMS), strict=False):
        before = record.acknowledged
        time.sleep(random.uniform(LOAD_SECONDS / 2, LOAD_SECONDS))
        killed = victims(server)
        for process in killed:
            os.kill(process, signal.SIGKILL)
        seconds = seconds_until_back(server)
        assert record.acknowledged > before
        name = victims.__name__.replace("_", " ")
        print(f"round {number + 1}: {name} ({len(killed)}), back in {seconds:.1f} s")  # noqa: T201


def test_a_server_whose_processes_are_killed_loses_nothing_and_comes_back(tmp_path):
    record, stop = Record(), threading.Event()
    with running(tmp_path) as server:
        writers = [Writer(server, record, stop) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        kill_in_rounds(server, record)
        stop.set()
        for writer in writers:
            writer.join(60)
        found = faults(Client(server, "hospital-a"), record)
    print(f"{dict(record.statuses)}; faults: {len(found)}")  # noqa: T201
    assert found == []
    assert [status for status in record.statuses if status.startswith("500")] == []


def test_a_server_that_is_killed_as_a_whole_loses_nothing(tmp_path):
    record = Record()
    with running(tmp_path) as server:
        for _ in range(5):
            stop = threading.Event()
            writers = [Writer(server, record, stop) for _ in range(WRITERS)]
            before = record.acknowledged
            for writer in writers:
                writer.start()
            time.sleep(LOAD_SECONDS)
            stop.set()
            server.kill()
            for writer in writers:
                writer.join(60)
            assert record.acknowledged > before
            server.start()
        found = faults(Client(server, "hospital-a"), record)
    assert found == []
