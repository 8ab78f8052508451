"""BSON documents: reading, writing and the limits of what is stored.

https://bsonspec.org/spec.html
"""

import struct
from collections.abc import Collection
from typing import Any, Final

import bson
from bson import Binary, CodecOptions, Decimal128, Int64, ObjectId
from bson.binary import UuidRepresentation
from bson.codec_options import DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument

Document = dict[str, Any]

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 100

# Dates stay milliseconds and UUIDs stay binary: what is read is written back bit by bit.
_CODEC: Final[CodecOptions[Document]] = CodecOptions(
    document_class=dict,
    uuid_representation=UuidRepresentation.UNSPECIFIED,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
)

STORABLE_SCALARS: Final = frozenset(
    {type(None), bool, int, Int64, float, Decimal128, str, bytes, Binary, ObjectId, DatetimeMS}
)


# How many bytes the value of an element has by its type: a fixed number, and for some types
# as many more as the length says with which the value begins.
_FIXED_BYTES: Final = {1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 18: 8, 19: 16}
_MEASURED_BYTES: Final = {2: 4, 3: 0, 4: 0, 5: 5}
_length: Final = struct.Struct("<i").unpack_from


class MissingType:
    """The value of a field that is not there, which is not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = MissingType()


def decode(body: bytes) -> Document:
    """Return the document that `body` encodes."""
    return bson.decode(body, codec_options=_CODEC)


def decode_fields(body: bytes, names: Collection[bytes]) -> Document:
    """Return the fields `names` of a stored document, without looking into the others."""
    position, end = 4, len(body) - 1
    wanted: list[bytes] = []
    missing = len(names)
    while position < end and missing:
        kind = body[position]
        name_end = body.index(0, position + 1)
        value = name_end + 1
        if kind in _FIXED_BYTES:
            following = value + _FIXED_BYTES[kind]
        else:
            following = value + _MEASURED_BYTES[kind] + _length(body, value)[0]
        if body[position + 1 : name_end] in names:
            wanted.append(body[position:following])
            missing -= 1
        position = following
    content = b"".join(wanted)
    return decode((len(content) + 5).to_bytes(4, "little") + content + b"\0")


def encode(document: Document) -> bytes:
    """Return the BSON of `document`."""
    return bson.encode(document, codec_options=_CODEC)


def raw(body: bytes) -> RawBSONDocument:
    """Return `body` as a value that is written into an answer without decoding it."""
    return RawBSONDocument(body)
