"""Messages of MongoDB's wire protocol: OP_MSG, and OP_QUERY for a driver's first handshake.

https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bson.errors import BSONError

from psolink.embedded.documents import Document, decode, encode

MAX_MESSAGE_BYTES: Final = 48_000_000

_REPLY: Final = 1
_QUERY: Final = 2004
_MESSAGE: Final = 2013
_HEADER: Final = struct.Struct("<iiii")
_INT: Final = struct.Struct("<i")
_FLAGS: Final = struct.Struct("<I")
_REPLY_HEAD: Final = struct.Struct("<iqii")
_QUERY_LIMITS_BYTES: Final = 8
_SHORTEST_DOCUMENT: Final = 5

_MORE_TO_COME: Final = 1 << 1
_REQUIRED_FLAGS: Final = 0xFFFF  # an unknown flag of these must not be ignored
_BODY: Final = 0
_SEQUENCE: Final = 1


class MalformedMessage(Exception):
    """The bytes are not a message that the engine reads; the connection has to be closed."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request. `sequences` are the documents that came beside the command."""

    request_id: int
    body: Document
    sequences: dict[str, list[bytes]]
    legacy: bool = False
    wants_reply: bool = True


def read_message(receive: Callable[[int], bytes]) -> Message:
    """Return the next message; `receive` returns exactly as many bytes as it is asked for."""
    length, request_id, _, code = _HEADER.unpack(receive(_HEADER.size))
    if not _HEADER.size < length <= MAX_MESSAGE_BYTES:
        raise MalformedMessage("the length of the message is out of bounds")
    if code not in (_MESSAGE, _QUERY):
        raise MalformedMessage("the kind of message is not supported")
    content = receive(length - _HEADER.size)
    parse = _parse_message if code == _MESSAGE else _parse_query
    try:
        return parse(request_id, content)
    except (BSONError, struct.error, ValueError, RecursionError) as error:
        raise MalformedMessage("the message is not well-formed") from error


def _parse_message(request_id: int, content: bytes) -> Message:
    (flags,) = _FLAGS.unpack_from(content)
    if flags & _REQUIRED_FLAGS & ~_MORE_TO_COME:
        raise MalformedMessage("a required flag is not supported")
    bodies: list[Document] = []
    sequences: dict[str, list[bytes]] = {}
    position = _FLAGS.size
    while position < len(content):
        kind, position = content[position], position + 1
        section, position = _slice(content, position, len(content))
        if kind == _BODY:
            bodies.append(decode(section))
        elif kind == _SEQUENCE:
            name, documents = _sequence(section)
            if name in sequences:
                raise MalformedMessage("a document sequence is given twice")
            sequences[name] = documents
        else:
            raise MalformedMessage("the kind of section is not known")
    if len(bodies) != 1 or not bodies[0]:
        raise MalformedMessage("a message holds exactly one command")
    return Message(request_id, bodies[0], sequences, wants_reply=not flags & _MORE_TO_COME)


def _sequence(section: bytes) -> tuple[str, list[bytes]]:
    end = section.index(b"\0", _INT.size)
    name, position = section[_INT.size : end].decode(), end + 1
    documents: list[bytes] = []
    while position < len(section):
        document, position = _slice(section, position, len(section))
        # Commands decode the documents; one that cannot be decoded ends the connection here.
        decode(document)
        documents.append(document)
    return name, documents


def _slice(content: bytes, position: int, limit: int) -> tuple[bytes, int]:
    """Return what begins with its own length at `position`, and where it ends."""
    (length,) = _INT.unpack_from(content, position)
    end = position + length
    if length < _SHORTEST_DOCUMENT or end > limit:
        raise MalformedMessage("a length within the message is out of bounds")
    return content[position:end], end


def _parse_query(request_id: int, content: bytes) -> Message:
    """Return the command of an OP_QUERY, with which drivers begin before they know the server."""
    end = content.index(b"\0", _FLAGS.size)
    name = content[_FLAGS.size : end].decode()
    section, _ = _slice(content, end + 1 + _QUERY_LIMITS_BYTES, len(content))
    body = decode(section)
    if not name.endswith(".$cmd") or next(iter(body), "").lower() not in ("ismaster", "hello"):
        raise MalformedMessage("OP_QUERY is only read as a handshake")
    return Message(request_id, body | {"$db": name[: -len(".$cmd")]}, {}, legacy=True)


def write_reply(message: Message, reply_id: int, answer: Document) -> bytes:
    """Return the bytes that answer `message`."""
    if message.legacy:
        content, code = _REPLY_HEAD.pack(8, 0, 0, 1) + encode(answer), _REPLY
    else:
        content, code = _FLAGS.pack(0) + b"\0" + encode(answer), _MESSAGE
    length = _HEADER.size + len(content)
    return _HEADER.pack(length, reply_id, message.request_id, code) + content
