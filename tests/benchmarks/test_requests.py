"""What a request costs the server: CPU of its workers and of the embedded engine, and time.

The figures go to server/docs/performance.md; run with `make bench`. It needs /proc.
"""

import os
import statistics
import time
from pathlib import Path
from uuid import uuid4

import pytest
from tests.builders import adverse_event, bundle, entry, identifier, patient
from tests.server_process import Client, running

pytestmark = [
    pytest.mark.bench,
    pytest.mark.http,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU times come from /proc"),
]

REQUESTS = 300
BUNDLES = 10
ENTRIES = 100
TICKS = os.sysconf("SC_CLK_TCK")


def processes():
    """Return the parent and the CPU seconds of every process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
        found[int(path.parent.name)] = (int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS)
    return found


def cpu_seconds(root):
    """Return the CPU time of a process and all that it started."""
    found = processes()
    family: set[int] = {root}
    before: set[int] = set()
    while family != before:
        before = set(family)
        family |= {pid for pid, (parent, _) in found.items() if parent in before}
    return sum(found[pid][1] for pid in family if pid in found)


def event(number, subject="Patient/1"):
    return adverse_event(
        identifier=identifier(f"{number}", "urn:bench"),
        category=[
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/adverse-event-category",
                        "code": "wrong-dose",
                    }
                ]
            }
        ],
        event={"coding": [{"system": "urn:bench:event", "code": f"E{number % 200:03d}"}]},
        subject={"reference": subject},
        date="2026-02-01T08:00:00Z",
        recordedDate="2026-02-01T09:30:00Z",
        seriousness={"text": "not serious"},
        suspectEntity=[{"instance": {"display": "vancomycin 1 g IV"}}],
    )


def transaction():
    urns = [f"urn:uuid:{uuid4()}" for _ in range(ENTRIES // 10)]
    patients = [entry("POST", "Patient", patient(active=True), fullUrl=urn) for urn in urns]
    events = [
        entry("POST", "AdverseEvent", event(number, urns[number % len(urns)]))
        for number in range(ENTRIES - len(urns))
    ]
    return bundle("transaction", *patients, *events)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data")) as started:
        yield started


def measure(server, name, sends, *, each=1):
    for send in sends[:3]:
        send()
    began, times = cpu_seconds(server.pid), []
    for send in sends[3:]:
        start = time.perf_counter()
        send()
        times.append((time.perf_counter() - start) * 1000)
    cpu = (cpu_seconds(server.pid) - began) * 1000 / len(times)
    print(  # noqa: T201
        f"{name:28} | {cpu / each:6.2f} | {statistics.median(times):7.2f} | "
        f"{statistics.quantiles(times, n=100)[-1]:7.2f}"
    )


def test_requests(server):
    client = Client(server, "hospital-a")
    ids = []

    def create(number):
        answer = client.send("POST", "/AdverseEvent", event(number))
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])

    def read(number):
        assert client.send("GET", f"/AdverseEvent/{ids[number]}").status_code == 200

    def search(number):
        found = client.send("GET", f"/AdverseEvent?identifier=urn:bench|{number}").json()
        assert found["total"] >= 1

    def push(_):
        assert client.send("POST", "", transaction()).status_code == 200

    print("\nrequest | server CPU ms | median ms | p99 ms")  # noqa: T201
    for name, act in (
        ("create AdverseEvent", create),
        ("read", read),
        ("search by token, one hit", search),
    ):
        measure(server, name, [lambda n=n, act=act: act(n) for n in range(REQUESTS)])
    sends = [lambda n=n: push(n) for n in range(BUNDLES)]
    measure(server, "transaction of 100, an entry", sends, each=ENTRIES)
