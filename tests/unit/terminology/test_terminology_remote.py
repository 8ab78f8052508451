"""A terminology server elsewhere: what it is sent, what its answers become, and what if it fails."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from psolink.fhir_json import JsonObject
from psolink.terminology import Answer, Coding, Membership, Patience, Question, Terminology
from psolink.terminology.breaker import CircuitBreaker
from psolink.terminology.kept_answers import KeptAnswers
from psolink.terminology.remote import RemoteOptions, RemoteTerminology

YES, NO, UNKNOWN = Membership.YES, Membership.NO, Membership.UNKNOWN
LOINC = "http://loinc.org"
CONDITIONS = "http://hl7.org/fhir/ValueSet/condition-code"
SNOMED = "http://snomed.info/sct"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Handler(BaseHTTPRequestHandler):
    """Answers as it is told to, and notes what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, FakeServer)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.received.append((self.path, json.loads(body)))
        time.sleep(server.delay_seconds)
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self._send(server.body, server.drip_seconds)

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, FakeServer)
        server.received.append((self.path, {}))
        self.send_error(404)

    def _send(self, body: bytes, drip_seconds: float) -> None:
        """Send the body, in drips if need be, until the other side has had enough."""
        step = 1 if drip_seconds else len(body) or 1
        try:
            for at in range(0, len(body), step):
                self.wfile.write(body[at : at + step])
                time.sleep(drip_seconds)
        except ConnectionError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True

    def answer(
        self, body: object, *, status: int = 200, delay: float = 0, drip: float = 0, **headers: str
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.headers = status, headers
        self.delay_seconds, self.drip_seconds = delay, drip
        self.received: list[tuple[str, JsonObject]] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/fhir"

    def terminology(self, clock: Clock | None = None, **options: Any) -> RemoteTerminology:
        return RemoteTerminology(RemoteOptions(self.base_url, **options), clock or time.monotonic)


@pytest.fixture(scope="module")
def running() -> Iterator[FakeServer]:
    server = FakeServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(running: FakeServer) -> FakeServer:
    running.answer(parameters(result=True, display="Acyclovir"))
    return running


def parameters(**values: object) -> JsonObject:
    kinds = {bool: "valueBoolean", str: "valueString"}
    parameter = [{"name": name, kinds[type(value)]: value} for name, value in values.items()]
    return {"resourceType": "Parameters", "parameter": parameter}


def test_a_code_system_is_asked_about_a_code(server):
    answer = server.terminology().validate_code(Question(LOINC, "1-8"))
    assert answer == Answer(YES, "Acyclovir")
    assert server.received == [
        (
            "/fhir/CodeSystem/$validate-code",
            {
                "resourceType": "Parameters",
                "parameter": [
                    {"name": "url", "valueUri": LOINC},
                    {"name": "code", "valueCode": "1-8"},
                ],
            },
        )
    ]


def test_a_value_set_is_asked_about_a_code(server):
    server.terminology().validate_code(Question(SNOMED, "1", CONDITIONS))
    ((path, body),) = server.received
    assert path == "/fhir/ValueSet/$validate-code"
    assert body["parameter"] == [
        {"name": "url", "valueUri": CONDITIONS},
        {"name": "system", "valueUri": SNOMED},
        {"name": "code", "valueCode": "1"},
    ]


def test_a_display_that_somebody_typed_is_never_sent(server, shipped):
    terminology = shipped.asking(server.terminology())
    verdict = terminology.validate_code([Coding("1-8", LOINC, "note on a patient")])
    assert verdict.membership is YES
    assert "note on a patient" not in json.dumps(server.received)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(Question("https://hospital.example/codes", "7"), id="a system of a hospital"),
        pytest.param(Question(LOINC, "two  spaces"), id="what is no code"),
        pytest.param(Question(LOINC, "a" * 101), id="what is too long for a code"),
        pytest.param(Question(LOINC, "Ann\nwas here"), id="lines"),
    ],
)
def test_what_may_be_private_is_not_sent(server, question):
    terminology = server.terminology()
    assert terminology.validate_code(question).membership is UNKNOWN
    assert terminology.lookup(question.system, question.code) is None
    assert server.received == []


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (parameters(result=True), 200, YES),
        (parameters(result=False, message="no"), 200, NO),
        (parameters(result=False, **{"x-caused-by-unknown-system": LOINC}), 200, UNKNOWN),
        (parameters(result=False, **{"x-unknown-system": LOINC}), 200, UNKNOWN),
        (parameters(result="true"), 200, UNKNOWN),
        (parameters(), 200, UNKNOWN),
        ({"parameter": ["x", {"name": 1}]}, 200, UNKNOWN),
        ({"parameter": "x"}, 200, UNKNOWN),
        (parameters(result=True), 404, UNKNOWN),
        (parameters(result=True), 422, UNKNOWN),
        (parameters(result=True), 401, UNKNOWN),
        (parameters(result=True), 500, UNKNOWN),
        (parameters(result=True), 302, UNKNOWN),
        ([], 200, UNKNOWN),
        (b"<html/>", 200, UNKNOWN),
        (b"[" * 50_000, 200, UNKNOWN),
        (b"", 200, UNKNOWN),
    ],
)
def test_only_a_clear_answer_counts(server, body, status, expected):
    server.answer(body, status=status)
    assert server.terminology().validate_code(Question(LOINC, "1-8")).membership is expected


@pytest.mark.parametrize(
    ("status", "says"), [(404, "does not know it either"), (500, "status 500"), (429, "429")]
)
def test_an_answer_that_is_none_says_why(server, status, says):
    server.answer({}, status=status)
    assert says in server.terminology().validate_code(Question(LOINC, "1-8")).reason


def test_a_redirect_is_not_followed(server):
    server.answer({}, status=302, Location="/fhir/elsewhere")
    server.terminology().validate_code(Question(LOINC, "1-8"))
    assert len(server.received) == 1


def test_a_compressed_answer_is_read(server):
    body = gzip.compress(json.dumps(parameters(result=True)).encode())
    server.answer(body, **{"Content-Encoding": "gzip"})
    assert server.terminology().validate_code(Question(LOINC, "1-8")).membership is YES


@pytest.mark.parametrize(
    "body", [b" " * 2_000, gzip.compress(b" " * 1_000_000)], ids=["large", "compressed"]
)
def test_an_answer_that_is_too_long_is_given_up(server, body):
    encoding = {"Content-Encoding": "gzip"} if body[:1] != b" " else {}
    server.answer(body, **encoding)
    answer = server.terminology(largest_bytes=1_000).validate_code(Question(LOINC, "1-8"))
    assert "too great a length" in answer.reason


@pytest.mark.parametrize(
    ("how", "says"), [({"delay": 0.5}, "does not answer"), ({"drip": 0.02}, "too long")]
)
def test_a_slow_server_is_given_up_in_time(server, how, says):
    server.answer(parameters(result=True, display="x" * 500), **how)
    started = time.monotonic()
    answer = server.terminology(timeout_seconds=0.1).validate_code(Question(LOINC, "1-8"))
    assert time.monotonic() - started < 0.4
    assert (answer.membership, says in answer.reason) == (UNKNOWN, True)


def test_nobody_listening_is_an_answer_too():
    nowhere = RemoteTerminology(RemoteOptions("http://127.0.0.1:9", timeout_seconds=0.2))
    assert nowhere.validate_code(Question(LOINC, "1-8")).membership is UNKNOWN
    assert nowhere.lookup(LOINC, "1-8") is None
    assert nowhere.expand(CONDITIONS) is None


def test_an_answer_is_kept_for_its_time(server):
    clock = Clock()
    terminology = server.terminology(clock, kept_seconds=60)
    for clock.now in (0, 59, 61):
        terminology.validate_code(Question(LOINC, "1-8"))
    assert len(server.received) == 2


def test_a_failure_is_not_kept_as_an_answer(server):
    terminology = server.terminology()
    server.answer({}, status=500)
    assert terminology.validate_code(Question(LOINC, "1-8")).membership is UNKNOWN
    server.answer(parameters(result=True))
    assert terminology.validate_code(Question(LOINC, "1-8")).membership is YES


def test_a_server_that_fails_is_left_alone_for_a_while(server):
    clock = Clock()
    terminology = server.terminology(clock, failures=2, pause_seconds=30)
    server.answer({}, status=503)
    reasons = [terminology.validate_code(Question(LOINC, f"{at}")).reason for at in range(4)]
    assert len(server.received) == 2
    assert "left alone" in reasons[3]
    server.answer(parameters(result=True))
    clock.now = 31
    assert terminology.validate_code(Question(LOINC, "1-8")).membership is YES
    assert terminology.validate_code(Question(LOINC, "2-8")).membership is YES


def test_what_it_looks_up_is_passed_on_without_what_is_not_known(server):
    known = parameters(display="Acyclovir", secret="x")
    server.answer(known)
    assert server.terminology().lookup(LOINC, "1-8") == parameters(display="Acyclovir")
    assert server.received[0][0] == "/fhir/CodeSystem/$lookup"


@pytest.mark.parametrize("body", [{"resourceType": "OperationOutcome"}, b"x"])
def test_what_is_no_lookup_is_nothing(server, body):
    server.answer(body)
    assert server.terminology().lookup(LOINC, "1-8") is None


def expanded(total: object = None, **more: object) -> JsonObject:
    contains = [{"system": SNOMED, "code": "1", "contains": [{"system": SNOMED, "code": "2"}]}]
    expansion = {"contains": contains} | ({"total": total} if total is not None else {})
    return {"resourceType": "ValueSet", "status": "active", "expansion": expansion} | more


@pytest.mark.parametrize(
    ("body", "is_taken"),
    [
        (expanded(), True),
        (expanded(2), True),
        (expanded(900), False),
        (expanded(expansion={"contains": 1}), False),
        ({"resourceType": "ValueSet", "status": "active"}, False),
        ({"resourceType": "OperationOutcome"}, False),
    ],
)
def test_an_expansion_is_taken_when_it_is_whole(server, body, is_taken):
    server.answer(body)
    assert (server.terminology().expand(CONDITIONS) is not None) == is_taken


def test_an_expansion_is_asked_for_once_and_paged_here(server, shipped):
    server.answer(expanded(2))
    terminology: Terminology = shipped.asking(server.terminology())
    first = terminology.expand(CONDITIONS)
    assert [each["code"] for each in first["expansion"]["contains"]] == ["1", "2"]
    assert terminology.expand(CONDITIONS) == first
    ((_, body),) = server.received
    assert [each["name"] for each in body["parameter"]] == ["url", "count"]


def test_patience_ends(server):
    clock = Clock()
    patient = Patience(server.terminology(), 5, clock)
    assert patient.validate_code(Question(LOINC, "1-8")).membership is YES
    assert patient.lookup(LOINC, "1-8") is not None
    clock.now = 5
    assert "used up" in patient.validate_code(Question(LOINC, "1-8")).reason
    assert patient.lookup(LOINC, "1-8") is None
    assert patient.expand(CONDITIONS) is None


def test_patience_lets_expansions_through(server):
    server.answer(expanded(2))
    assert Patience(server.terminology(), 5, Clock()).expand(CONDITIONS) == expanded(2)


def test_a_breaker_lets_one_question_through_after_its_pause():
    clock = Clock()
    breaker = CircuitBreaker(clock, failures=1, pause_seconds=10)
    assert breaker.may_ask()
    breaker.failed()
    assert not breaker.may_ask()
    clock.now = 10
    assert [breaker.may_ask(), breaker.may_ask()] == [True, False]
    breaker.failed()
    clock.now = 19
    assert not breaker.may_ask()
    clock.now = 20
    assert breaker.may_ask()
    breaker.succeeded()
    assert [breaker.may_ask(), breaker.may_ask()] == [True, True]


def test_failures_count_only_in_a_row():
    breaker = CircuitBreaker(Clock(), failures=2)
    for _ in range(3):
        breaker.failed()
        breaker.succeeded()
    breaker.failed()
    assert breaker.may_ask()


def test_the_answer_that_nobody_asked_for_the_longest_goes_first():
    kept = KeptAnswers[str, int](Clock(), size=2, seconds=60)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    assert [kept.get(each) for each in "abc"] == [1, None, 3]


def test_an_answer_that_is_too_old_is_forgotten():
    clock = Clock()
    kept = KeptAnswers[str, int](clock, size=2, seconds=60)
    kept.keep("a", 1)
    clock.now = 60
    assert kept.get("a") is None
