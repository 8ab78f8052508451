"""Whatever bytes or commands come over the socket: an answer or the end of the connection."""

import socket
import struct
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from bson.errors import BSONError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psolink.embedded.commands import table
from psolink.embedded.commands.table import COMMANDS
from psolink.embedded.documents import decode, encode
from psolink.embedded.engine import Engine, Request
from psolink.embedded.launcher import EngineProcess

EXAMPLES = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LONGEST_ANSWER_SECONDS = 20


def message(body: dict[str, Any]) -> bytes:
    content = struct.pack("<I", 0) + b"\0" + encode(body)
    return struct.pack("<iiii", 16 + len(content), 7, 0, 2013) + content


PING = message({"ping": 1, "$db": "admin"})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with EngineProcess.start(tmp_path_factory.mktemp("fuzz")) as engine:
        yield engine


def conversation(engine: EngineProcess, sent: bytes) -> bytes:
    """Send bytes, end the sending side, and return what comes back until the other side ends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(LONGEST_ANSWER_SECONDS)
        client.connect(str(engine._address))
        received = b""
        try:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(1 << 16):
                received += part
        except (ConnectionResetError, BrokenPipeError):
            return received
        return received


def answers(received: bytes) -> list[dict[str, Any]]:
    found = []
    while received:
        (length,) = struct.unpack_from("<i", received)
        found.append(decode(received[21:length]))
        received = received[length:]
    return found


def assert_well(engine: EngineProcess) -> None:
    assert [each["ok"] for each in answers(conversation(engine, PING))] == [1.0]


@EXAMPLES
@given(st.binary(max_size=400))
def test_raw_bytes_end_a_connection_and_nothing_else(running, content):
    conversation(running, content)
    assert_well(running)


@EXAMPLES
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_changed_bytes_of_a_command_are_answered_or_end_the_connection(running, changes):
    rows = [{"_id": number, "a": [1, "x", {"b": None}]} for number in range(3)]
    good = bytearray(message({"insert": "c", "documents": rows, "ordered": False, "$db": "test"}))
    for position, value in changes:
        good[position % len(good)] = value
    for answer in answers(conversation(running, bytes(good) + PING)):
        assert "ok" in answer
    assert_well(running)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8).map(Binary),
    st.sampled_from([Decimal128("1.10"), Decimal128("NaN"), ObjectId(b"x" * 12)]),
    st.datetimes(),
)
WORDS = sorted(
    [
        "$eq",
        "$gt",
        "$in",
        "$nin",
        "$not",
        "$and",
        "$or",
        "$nor",
        "$elemMatch",
        "$all",
        "$size",
        "$exists",
        "$regex",
        "$options",
        "$set",
        "$unset",
        "$inc",
        "$push",
        "$each",
        "$slice",
        "$pull",
        "$pop",
        "$rename",
        "$min",
        "$mul",
        "$currentDate",
        "$setOnInsert",
        "$match",
        "$group",
        "$sum",
        "$sort",
        "$project",
        "$limit",
        "$skip",
        "$count",
        "a",
        "b",
        "a.b",
        "a.0",
        "_id",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), VALUES, max_size=4)
FIELDS = {
    "find": "filter sort projection hint skip limit batchSize singleBatch",
    "count": "query hint skip limit",
    "distinct": "key query",
    "aggregate": "pipeline cursor hint",
    "insert": "documents ordered lsid txnNumber",
    "update": "updates ordered lsid txnNumber",
    "delete": "deletes ordered",
    "findAndModify": "query sort remove update new fields upsert hint",
    "createIndexes": "indexes",
    "dropIndexes": "index",
    "explain": "verbosity",
}
GENERAL = "lsid txnNumber autocommit startTransaction maxTimeMS readConcern writeConcern nameOnly"


def statements(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What the lists of a command hold, more or less as they should."""
    fields = {"q": kind, "u": kind, "limit": st.sampled_from([0, 1, -1]), "key": kind}
    more = {"name": st.text(max_size=4), "multi": st.booleans(), "upsert": st.booleans()}
    return st.lists(st.fixed_dictionaries({}, optional=fields | more) | kind, max_size=3)


@st.composite
def commands(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(COMMANDS)))
    target = draw(st.just("c") | VALUES)
    fields = FIELDS.get(name, "cursors collection filter").split() + GENERAL.split()
    kinds = st.one_of(DOCUMENTS, statements(DOCUMENTS), VALUES)
    given_fields = draw(st.dictionaries(st.sampled_from(fields), kinds, max_size=5))
    return {name: target, **given_fields, "$db": "test"}


def sendable(body: dict[str, Any]) -> bool:
    try:
        encode(body)
    except (BSONError, ValueError, OverflowError):
        return False
    return bool(body)


@settings(EXAMPLES, max_examples=1_000)
@given(commands().filter(sendable))
def test_no_command_makes_the_engine_fail(engine: Engine, body):
    """Every refusal is a reasoned one: an exception of another kind ends this test."""
    sent = decode(encode(body))
    request = Request(next(iter(sent)), "test", sent, {}, None)
    answer = table.answer(engine, request)
    assert answer["ok"] in (0.0, 1.0)
    assert encode(answer)
    engine.tidy()
