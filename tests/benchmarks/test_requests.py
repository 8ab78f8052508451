"""What a request costs: CPU of the web workers and of the embedded engine, and time.

Eight clients at once, on as many resources as PSOLINK_BENCH_RESOURCES says (1,000 without it; try
100,000, which take minutes to store). Pages are full at either size. The figures go to server/docs/performance.md; run with
`make bench`. It needs /proc.
"""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from uuid import uuid4

import pytest
from tests.builders import adverse_event, bundle, entry, identifier, patient
from tests.server_process import Client, embedded_engine, running, web_workers

pytestmark = [
    pytest.mark.bench,
    pytest.mark.http,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU times come from /proc"),
]

RESOURCES = int(os.environ.get("PSOLINK_BENCH_RESOURCES", "1000"))
CLIENTS = 8
REQUESTS = 400
BUNDLES = 16
ENTRIES = 100
EVENTS = ENTRIES - ENTRIES // 10
CODES = 40
PAGE = 20
CREATED = 10_000_000
"""What is created one by one has other identifiers than what is there."""

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids):
    """Return the CPU time that these processes took so far."""
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum((int(fields[11]) + int(fields[12])) / TICKS for fields in stats)


def megabytes(pids):
    """Return the resident memory of the largest of these processes."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return max(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


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
        event={"coding": [{"system": "urn:bench:event", "code": f"E{number % CODES:03d}"}]},
        subject={"reference": subject},
        date=f"20{20 + number % 6}-{1 + number // 6 % 12:02d}-15T08:00:00Z",
        recordedDate="2026-02-01T09:30:00Z",
        seriousness={"text": "not serious"},
        suspectEntity=[{"instance": {"display": "vancomycin 1 g IV"}}],
    )


def transaction(first=0):
    urns = [f"urn:uuid:{uuid4()}" for _ in range(ENTRIES // 10)]
    patients = [
        entry(
            "POST",
            "Patient",
            patient(identifier=[identifier(f"{first + number}", "urn:bench")]),
            fullUrl=urn,
        )
        for number, urn in enumerate(urns)
    ]
    events = [
        entry("POST", "AdverseEvent", event(first + number, urns[number % len(urns)]))
        for number in range(ENTRIES - len(urns))
    ]
    return bundle("transaction", *patients, *events)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data")) as started:
        yield started


class Load:
    """Requests by several clients at once, to a server that holds `RESOURCES` resources."""

    def __init__(self, server):
        self._server, self._own = server, local()
        self.ids: list[str] = []

    @property
    def client(self) -> Client:
        if not hasattr(self._own, "client"):
            self._own.client = Client(self._server, "hospital-a")
        client: Client = self._own.client
        return client

    def create(self, number):
        answer = self.client.send("POST", "/AdverseEvent", event(CREATED + number))
        assert answer.status_code == 201, answer.text
        self.ids.append(answer.json()["id"])

    def read(self, number):
        path = f"/AdverseEvent/{self.ids[number % len(self.ids)]}"
        assert self.client.send("GET", path).status_code == 200

    def push(self, number):
        answer = self.client.send("POST", "", transaction(number * ENTRIES))
        assert answer.status_code == 200, answer.text

    def search(self, path):
        answer = self.client.send("GET", path)
        assert answer.status_code == 200, answer.text
        return len(answer.json().get("entry", ()))

    def by_token(self, number):
        assert self.search(f"/AdverseEvent?identifier=urn:bench|{number % EVENTS}") == 1

    def page(self, number):
        query = f"event=urn:bench:event|E{number % CODES:03d}&_count={PAGE}"
        assert self.search(f"/AdverseEvent?{query}") == PAGE

    def by_date(self, number):
        year, quarter = 2020 + number % 6, number // 6 % 4
        after = f"{year}-{3 * quarter + 4:02d}" if quarter < 3 else f"{year + 1}-01"
        query = f"date=ge{year}-{3 * quarter + 1:02d}-01&date=lt{after}-01&_sort=-date"
        assert self.search(f"/AdverseEvent?{query}&_count={PAGE}") == PAGE

    def by_chain(self, number):
        value = number % (ENTRIES // 10)
        assert self.search(f"/AdverseEvent?subject:Patient.identifier=urn:bench|{value}") >= 1


def measure(server, name: str, act: Callable[[int], object], numbers, *, each=1):
    """Print what a request costs, divided by `each`."""
    workers, engine = web_workers(server), [embedded_engine(server)]
    before = cpu_seconds(workers), cpu_seconds(engine)

    def timed(number):
        start = time.perf_counter()
        act(number)
        return (time.perf_counter() - start) * 1000

    with ThreadPoolExecutor(CLIENTS) as pool:
        times = list(pool.map(timed, numbers))
    count = len(times) * each
    web = (cpu_seconds(workers) - before[0]) * 1000 / count
    stored = (cpu_seconds(engine) - before[1]) * 1000 / count
    p99 = statistics.quantiles(times, n=100)[-1]
    print(  # noqa: T201
        f"{name:26} | {web:6.2f} | {stored:6.2f} | {statistics.median(times):7.2f} | {p99:7.2f}"
    )


def test_requests(server):
    load = Load(server)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(load.push, range(RESOURCES // ENTRIES)))
    for number in range(3 * CLIENTS):
        load.create(number)
        load.read(number)
    print(f"\n{RESOURCES} resources, {CLIENTS} clients")  # noqa: T201
    print("request | web CPU ms | engine CPU ms | median ms | p99 ms")  # noqa: T201
    measure(server, "create AdverseEvent", load.create, range(REQUESTS))
    measure(server, "read", load.read, range(REQUESTS))
    measure(server, "search by token, one hit", load.by_token, range(REQUESTS))
    measure(server, "page of 20", load.page, range(REQUESTS))
    measure(server, "date range with sort", load.by_date, range(REQUESTS))
    measure(server, "chained", load.by_chain, range(REQUESTS))
    more = range(RESOURCES, RESOURCES + BUNDLES)
    measure(server, "transaction of 100, an entry", load.push, more, each=ENTRIES)
    print(f"memory of a web worker: {megabytes(web_workers(server)):.0f} MB")  # noqa: T201
