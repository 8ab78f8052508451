"""A mixed load on a server that is killed now and then, and what must hold after it."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import requests
from tests.builders import adverse_event, bundle, entry, identifier, patient
from tests.server_process import Client

from psolink.commands.demo import Server

SYSTEM = "urn:soak"
SIZE = 4
_TAKEN = (200, 201)
_CREATED_TWICE_AT_MOST = 2


@dataclass(slots=True)
class Record:
    """What was sent and what was acknowledged, by every writer."""

    created: dict[str, bool] = field(default_factory=dict)
    transactions: dict[str, bool] = field(default_factory=dict)
    conditional: list[str] = field(default_factory=list)
    counters: dict[str, tuple[int, int]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def acknowledged(self) -> int:
        """How many writes were acknowledged."""
        return sum(self.statuses[str(status)] for status in _TAKEN)


class Writer(threading.Thread):
    """Writes one thing after the other until it is told to stop; survives what the server meets."""

    def __init__(self, server: Server, record: Record, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._client = Client(server, "hospital-a")
        self._record = record
        self._stopped = stop
        self._counter = f"counter-{uuid4()}"
        self._sent = self._kept = 0

    def run(self) -> None:
        """Write until the end of the load."""
        steps: list[Callable[[], None]] = [
            self._create,
            self._update,
            self._conditional_create,
            self._transaction,
        ]
        number = 0
        while not self._stopped.is_set():
            steps[number % len(steps)]()
            number += 1

    def _send(self, method: str, path: str, body, **headers) -> int | None:
        """Return the status; None where the connection ended before an answer."""
        try:
            answer = self._client.send(method, path, body, **headers)
        except requests.RequestException:
            self._record.statuses["no answer"] += 1
            time.sleep(0.05)
            return None
        self._record.statuses[str(answer.status_code)] += 1
        if answer.status_code == 503:
            assert answer.headers["Retry-After"]
            time.sleep(0.2)
        return answer.status_code

    def _create(self) -> None:
        value = str(uuid4())
        status = self._send("POST", "/Patient", patient(identifier=[identifier(value, SYSTEM)]))
        self._record.created[value] = status == 201

    def _update(self) -> None:
        self._sent += 1
        body = patient(id=self._counter, multipleBirthInteger=self._sent)
        if self._send("PUT", f"/Patient/{self._counter}", body) in _TAKEN:
            self._kept = self._sent
        self._record.counters[self._counter] = (self._kept, self._sent)

    def _conditional_create(self) -> None:
        """Send the same until it is acknowledged, as a client does that wants it stored once."""
        value = str(uuid4())
        body = patient(identifier=[identifier(value, SYSTEM)])
        condition = f"identifier={SYSTEM}|{value}"
        for _ in range(200):
            if self._send("POST", "/Patient", body, If_None_Exist=condition) in _TAKEN:
                self._record.conditional.append(value)
                return
            if self._stopped.is_set():
                return

    def _transaction(self) -> None:
        value = str(uuid4())
        urn = f"urn:uuid:{uuid4()}"
        subject = patient(identifier=[identifier(value, SYSTEM)])
        events = [
            adverse_event(subject={"reference": urn}, identifier=identifier(value, SYSTEM))
            for _ in range(SIZE)
        ]
        entries = [entry("POST", "AdverseEvent", event) for event in events]
        body = bundle("transaction", entry("POST", "Patient", subject, fullUrl=urn), *entries)
        self._record.transactions[value] = self._send("POST", "", body) == 200


def faults(client: Client, record: Record) -> list[str]:
    """Return everything that was lost, torn or written twice."""
    found = []
    for value, is_acknowledged in record.created.items():
        count = _count(client, "Patient", value)
        if count != 1 and (is_acknowledged or count >= _CREATED_TWICE_AT_MOST):
            found.append(f"{count} of a create, acknowledged: {is_acknowledged}")
    for value in record.conditional:
        count = _count(client, "Patient", value)
        if count != 1:
            found.append(f"{count} of a conditional create")
    for value, is_acknowledged in record.transactions.items():
        counts = _count(client, "Patient", value), _count(client, "AdverseEvent", value)
        allowed = [(1, SIZE)] if is_acknowledged else [(1, SIZE), (0, 0)]
        if counts not in allowed:
            found.append(f"{counts} of a transaction, acknowledged: {is_acknowledged}")
    for counter, (kept, sent) in record.counters.items():
        found += _counter_faults(client, counter, kept, sent)
    return found


def _counter_faults(client: Client, counter: str, kept: int, sent: int) -> list[str]:
    answer = client.send("GET", f"/Patient/{counter}")
    if answer.status_code == 404 and not kept:
        return []
    stored = answer.json()
    version, value = int(stored["meta"]["versionId"]), stored["multipleBirthInteger"]
    found = [] if kept <= value <= sent else [f"counter at {value}, acknowledged {kept} of {sent}"]
    if version > sent:
        found.append(f"{version} versions of {sent} updates")
    statuses = {
        number: client.send("GET", f"/Patient/{counter}/_history/{number}").status_code
        for number in range(1, version + 1)
    }
    missing = [number for number, status in statuses.items() if status != 200]
    return found + [f"version {number} of {version} is missing" for number in missing]


def _count(client: Client, kind: str, value: str) -> int:
    answer = client.send("GET", f"/{kind}?identifier={SYSTEM}|{value}&_summary=count")
    assert answer.status_code == 200, answer.text
    total: int = answer.json()["total"]
    return total
