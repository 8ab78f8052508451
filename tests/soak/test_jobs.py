"""The worker is killed again and again while it does jobs: each is done once."""

import os
import signal
import time
from uuid import uuid4

import pytest
from tests.builders import bundle, entry, identifier, patient
from tests.server_process import Client, background_worker, running

pytestmark = [pytest.mark.soak, pytest.mark.http]

JOBS = 12
ENTRIES = 40
PATIENCE_SECONDS = 400
"""A job whose worker was killed waits for the end of its lease."""


def sent(value, kind):
    entries = [
        entry("POST", "Patient", patient(identifier=[identifier(value, "urn:soak")]))
        for _ in range(ENTRIES)
    ]
    return bundle(kind, *entries)


def kill_worker(server):
    try:
        os.kill(background_worker(server), signal.SIGKILL)
    except (ProcessLookupError, IndexError, ValueError):
        return False
    return True


def test_jobs_are_done_once_whatever_becomes_of_their_worker(tmp_path):
    with running(tmp_path) as server:
        client = Client(server, "hospital-a")
        waiting = {}
        for number in range(JOBS):
            value = str(uuid4())
            kind = "batch" if number % 2 else "transaction"
            answer = client.send("POST", "", sent(value, kind), Prefer="respond-async")
            assert answer.status_code == 202, answer.text
            waiting[value] = answer.headers["Content-Location"].partition("/fhir")[2]
        kills = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        left = dict(waiting)
        while left and time.monotonic() < deadline:
            if kills < JOBS:
                kills += kill_worker(server)
            time.sleep(1.5)
            left = {v: at for v, at in left.items() if client.send("GET", at).status_code == 202}
        assert left == {}
        for value, at in waiting.items():
            told = client.send("GET", at).json()["entry"][0]
            statuses = [each["response"]["status"] for each in told["resource"]["entry"]]
            assert statuses == ["201 Created"] * ENTRIES
            found = client.send("GET", f"/Patient?identifier=urn:soak|{value}&_summary=count")
            assert found.json()["total"] == ENTRIES
        print(f"{JOBS} jobs, {kills} kills, each done once")  # noqa: T201
