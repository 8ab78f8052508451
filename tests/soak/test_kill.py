"""The server is killed in the middle of a load: what it acknowledged is there, whole."""

import threading
import time
from uuid import uuid4

import pytest
import requests
from tests.builders import adverse_event, bundle, entry, identifier, patient
from tests.server_process import Client, running

pytestmark = [pytest.mark.soak, pytest.mark.http]

ROUNDS = 5
WRITERS = 4
LOAD_SECONDS = 4.0
SIZE = 6


def torn_or_whole(value):
    """A transaction whose entries share one identifier value, so that its parts can be counted."""
    urn = f"urn:uuid:{uuid4()}"
    events = [
        entry(
            "POST",
            "AdverseEvent",
            adverse_event(subject={"reference": urn}, identifier=identifier(value, "urn:soak")),
        )
        for _ in range(SIZE)
    ]
    subject = patient(identifier=[identifier(value, "urn:soak")])
    return bundle("transaction", entry("POST", "Patient", subject, fullUrl=urn), *events)


def write(server, until, sent, acknowledged):
    client = Client(server, "hospital-a")
    while time.monotonic() < until:
        value = str(uuid4())
        sent.append(value)
        try:
            answer = client.send("POST", "", torn_or_whole(value))
        except requests.RequestException:
            return
        if answer.status_code == 200:
            acknowledged.append(value)


def count(client, kind, value):
    answer = client.send("GET", f"/{kind}?identifier=urn:soak|{value}&_summary=count")
    assert answer.status_code == 200, answer.text
    return answer.json()["total"]


def test_no_acknowledged_write_is_lost_and_no_bundle_is_torn(tmp_path):
    sent: list[str] = []
    acknowledged: list[str] = []
    with running(tmp_path) as server:
        for _ in range(ROUNDS):
            before = len(acknowledged)
            until = time.monotonic() + LOAD_SECONDS
            threads = [
                threading.Thread(target=write, args=(server, until, sent, acknowledged))
                for _ in range(WRITERS)
            ]
            for thread in threads:
                thread.start()
            time.sleep(LOAD_SECONDS * 0.7)
            server.kill()
            for thread in threads:
                thread.join()
            assert len(acknowledged) > before
            server.start()
        client = Client(server, "hospital-a")
        found = {v: (count(client, "Patient", v), count(client, "AdverseEvent", v)) for v in sent}
    whole = (1, SIZE)
    assert [value for value in acknowledged if found[value] != whole] == []
    assert [value for value in sent if found[value] not in (whole, (0, 0))] == []
    print(f"{len(sent)} sent, {len(acknowledged)} acknowledged, none lost, none torn")  # noqa: T201
