"""The protocol: what is read, what is written, and what closes the connection."""

import io
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from psolink.embedded.documents import decode, encode
from psolink.embedded.wire import MalformedMessage, Message, read_message, write_reply

COMMAND = encode({"ping": 1, "$db": "admin"})


def message(content: bytes, code: int = 2013, length: int | None = None) -> bytes:
    return struct.pack("<iiii", length or 16 + len(content), 7, 0, code) + content


def flags(value: int) -> bytes:
    return struct.pack("<I", value)


PING = message(flags(0) + b"\0" + COMMAND)


def section(documents: bytes, name: bytes = b"documents\0") -> bytes:
    return b"\1" + struct.pack("<i", 4 + len(name) + len(documents)) + name + documents


def read(content: bytes) -> Message:
    stream = io.BytesIO(content)

    def receive(size: int) -> bytes:
        received = stream.read(size)
        if len(received) < size:
            raise EOFError
        return received

    return read_message(receive)


def test_a_command_is_read_with_its_documents():
    rows = encode({"_id": 1}) + encode({"_id": 2})
    found = read(message(flags(0) + b"\0" + COMMAND + section(rows)))
    assert found.body == {"ping": 1, "$db": "admin"}
    assert [decode(body) for body in found.sequences["documents"]] == [{"_id": 1}, {"_id": 2}]
    assert (found.request_id, found.wants_reply) == (7, True)


def test_the_sections_may_come_in_any_order():
    found = read(message(flags(0) + section(encode({})) + b"\0" + COMMAND))
    assert list(found.sequences) == ["documents"]


def test_a_message_can_ask_for_no_reply():
    assert not read(message(flags(2) + b"\0" + COMMAND)).wants_reply


def test_an_optional_flag_that_is_not_known_is_ignored():
    assert read(message(flags(1 << 16) + b"\0" + COMMAND)).wants_reply


def test_a_handshake_may_come_as_a_query():
    query = flags(0) + b"admin.$cmd\0" + struct.pack("<ii", 0, -1) + encode({"isMaster": 1})
    found = read(message(query, code=2004))
    assert found.body == {"isMaster": 1, "$db": "admin"}
    reply = write_reply(found, 9, {"ok": 1.0})
    assert struct.unpack_from("<iiii", reply) == (len(reply), 9, 7, 1)
    assert decode(reply[36:]) == {"ok": 1.0}


def test_a_reply_names_its_request():
    reply = write_reply(read(PING), 9, {"ok": 1.0})
    assert struct.unpack_from("<iiii", reply) == (len(reply), 9, 7, 2013)
    assert decode(reply[21:]) == {"ok": 1.0}


MALFORMED = {
    "shorter than its header": message(b"", length=15),
    "nothing in it": message(b"", length=16),
    "of negative length": message(b"", length=-1),
    "too large": message(b"", length=48_000_001),
    "compressed": message(flags(0) + b"\0" + COMMAND, code=2012),
    "an old insert": message(flags(0) + b"\0" + COMMAND, code=2002),
    "with a checksum": message(flags(1) + b"\0" + COMMAND + b"abcd"),
    "with an unknown required flag": message(flags(4) + b"\0" + COMMAND),
    "without a section": message(flags(0)),
    "without a command": message(flags(0) + section(encode({"a": 1}))),
    "with two commands": message(flags(0) + (b"\0" + COMMAND) * 2),
    "with an empty command": message(flags(0) + b"\0" + encode({})),
    "with an unknown section": message(flags(0) + b"\2" + COMMAND),
    "with a sequence twice": message(flags(0) + b"\0" + COMMAND + section(encode({})) * 2),
    "with a cut document": message(flags(0) + b"\0" + COMMAND[:-3]),
    "with a document that ends too late": message(flags(0) + b"\0\xff" + COMMAND[1:]),
    "with a document of negative length": message(flags(0) + b"\0" + b"\xff" * 8),
    "with a sequence without a name": message(flags(0) + b"\0" + COMMAND + b"\1\6\0\0\0ab"),
    "with broken BSON": message(flags(0) + b"\0" + COMMAND.replace(b"\x10ping", b"\x99ping")),
    "with broken BSON in a sequence":
        message(flags(0) + b"\0" + COMMAND + section(b"\x08\0\0\0\x99a\0\0")),
    "with text that is not UTF-8":
        message(flags(0) + b"\0" + COMMAND.replace(b"admin", b"adm\xff\xfe")),
    "an old query": message(flags(0) + b"a.b\0" + bytes(8) + encode({"x": 1}), code=2004),
    "an old query without a name": message(flags(0) + b"abc", code=2004),
}  # fmt: skip


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_message_is_refused(content):
    with pytest.raises(MalformedMessage):
        read(content)


def test_a_message_that_is_cut_off_is_the_end():
    with pytest.raises(EOFError):
        read(PING[:-1])


def test_a_document_nested_without_end_is_refused():
    deep = b""
    for _ in range(5_000):
        inner = deep or encode({})
        deep = struct.pack("<i", len(inner) + 8) + b"\3a\0" + inner + b"\0"
    with pytest.raises(MalformedMessage):
        read(message(flags(0) + b"\0" + deep))


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"\0" * 40)
def test_no_bytes_do_more_than_being_refused(content):
    try:
        read(content)
    except (MalformedMessage, EOFError):
        pass
    else:
        assert content[12:16] in (b"\xdd\7\0\0", b"\xd4\7\0\0")


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 255))
def test_no_changed_byte_does_more_than_being_refused(position, value):
    rows = encode({"_id": 1, "a": [1, "x", {"b": None}]})
    good = bytearray(message(flags(0) + b"\0" + COMMAND + section(rows)))
    good[position % len(good)] = value
    try:
        found = read(bytes(good))
    except (MalformedMessage, EOFError):
        return
    assert found.body
    assert all(isinstance(decode(each), dict) for row in found.sequences.values() for each in row)
