"""BSON documents: reading, writing and the limits of what is stored.

https://bsonspec.org/spec.html
"""

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


class MissingType:
    """The value of a field that is not there, which is not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = MissingType()


def decode(body: bytes) -> Document:
    """Return the document that `body` encodes."""
    return bson.decode(body, codec_options=_CODEC)


def encode(document: Document) -> bytes:
    """Return the BSON of `document`."""
    return bson.encode(document, codec_options=_CODEC)


def raw(body: bytes) -> RawBSONDocument:
    """Return `body` as a value that is written into an answer without decoding it."""
    return RawBSONDocument(body)
