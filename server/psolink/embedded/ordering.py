"""Byte strings that sort as MongoDB compares values.

`key(a) < key(b)` exactly if `a` sorts before `b`, `key(a) == key(b)` exactly if they are equal,
and no key is the beginning of another, so that keys can be joined to compound keys.

https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
"""

import math
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from bson import Binary, Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS

from psolink.embedded.documents import Document, MissingType
from psolink.embedded.errors import bad_value

# The first byte of a key is the type's place in the comparison order. 0x00 and 0xff are kept
# free: the one ends lists, the other cannot be incremented.
NULL: Final = 0x10
NUMBER: Final = 0x20
STRING: Final = 0x30
OBJECT: Final = 0x40
ARRAY: Final = 0x50
BINARY: Final = 0x60
OBJECT_ID: Final = 0x70
BOOLEAN: Final = 0x80
DATE: Final = 0x90

# An index holds this in place of an empty array; it sorts before null.
EMPTY_ARRAY_KEY: Final = b"\x05"
NULL_KEY: Final = bytes([NULL])

_COMPLEMENT: Final = bytes(255 - byte for byte in range(256))
_double: Final = struct.Struct(">d").pack
_exponent: Final = struct.Struct(">H").pack
_binary_head: Final = struct.Struct(">BIB").pack
_moment: Final = struct.Struct(">BQ").pack
_LARGEST_EXACT_INT: Final = 2**53

_NAN_KEY: Final = bytes([NUMBER, 1])
_NEGATIVE: Final = bytes([NUMBER, 2])
_ZERO_KEY: Final = bytes([NUMBER, 3])
_POSITIVE: Final = bytes([NUMBER, 4])


def tag(value: object) -> int:
    """Return the place of the value's type in the comparison order."""
    return _of_type(value)[0]


def key(value: object) -> bytes:
    """Return the bytes that sort as `value` does."""
    return _of_type(value)[1](value)


def _of_type(value: object) -> "_Type":
    found = _TYPES.get(type(value))
    if found is None:
        raise bad_value(f"values of type {type(value).__name__} are not supported here")
    return found


def is_nan(value: object) -> bool:
    """Tell whether `value` is the number that is not comparable with others."""
    return tag(value) == NUMBER and key(value) == _NAN_KEY


def descending(encoded: bytes) -> bytes:
    """Return the key for a descending field of an index or a sort."""
    return encoded.translate(_COMPLEMENT)


def successor(prefix: bytes) -> bytes:
    """Return the least byte string that is greater than everything that begins with `prefix`."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1])


def _null(_: object) -> bytes:
    return NULL_KEY


def _number(value: int | float | Decimal128) -> bytes:
    if isinstance(value, Decimal128):
        return _from_decimal(value.to_decimal())
    if isinstance(value, float) or -_LARGEST_EXACT_INT <= value <= _LARGEST_EXACT_INT:
        return _from_float(float(value))
    return _from_decimal(Decimal(value))


def _from_float(value: float) -> bytes:
    if value == 0:
        return _ZERO_KEY
    if math.isnan(value):
        return _NAN_KEY
    if value > 0:
        return _POSITIVE + _double(value) + b"\0"
    return _NEGATIVE + descending(_double(-value) + b"\0")


def _from_decimal(value: Decimal) -> bytes:
    if not value.is_finite() or value.is_zero():
        return _from_float(float(value))
    encoded = _magnitude(value.copy_abs())
    return _NEGATIVE + descending(encoded) if value < 0 else _POSITIVE + encoded


def _magnitude(value: Decimal) -> bytes:
    """Return the double at or next below `value`, then all its digits unless they are equal."""
    near = float(value)
    if near == value:
        return _double(near) + b"\0"
    if near > value:
        near = math.nextafter(near, 0.0)
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0").encode()
    return _double(near) + b"\1" + _exponent(value.adjusted() + 0x8000) + digits + b"\0"


def _string(value: str) -> bytes:
    encoded = value.encode()
    if b"\0" in encoded:
        encoded = encoded.replace(b"\0", b"\0\xff")
    return b"\x30" + encoded + b"\0\1"


def _object(value: Document) -> bytes:
    parts = [b"\x40"]
    for name, item in value.items():
        encoded = key(item)
        # The type is compared before the name, the name before the value.
        parts += (encoded[:1], name.encode(), b"\0", encoded)
    parts.append(b"\0")
    return b"".join(parts)


def _array(value: list[object]) -> bytes:
    return b"\x50" + b"".join(map(key, value)) + b"\0"


def _binary(value: bytes) -> bytes:
    subtype = value.subtype if isinstance(value, Binary) else 0
    return _binary_head(BINARY, len(value), subtype) + value


def _object_id(value: ObjectId) -> bytes:
    return b"\x70" + value.binary


def _boolean(value: bool) -> bytes:  # noqa: FBT001 - the value itself, not a switch
    return b"\x80\1" if value else b"\x80\0"


def _date(value: DatetimeMS) -> bytes:
    return _moment(DATE, int(value) + 2**63)


# The place of a type in the order and what encodes its values.
_Type = tuple[int, Callable[[Any], bytes]]
_TYPES: Final[dict[type, _Type]] = {
    MissingType: (NULL, _null),
    type(None): (NULL, _null),
    int: (NUMBER, _number),
    Int64: (NUMBER, _number),
    float: (NUMBER, _number),
    Decimal128: (NUMBER, _number),
    str: (STRING, _string),
    dict: (OBJECT, _object),
    list: (ARRAY, _array),
    bytes: (BINARY, _binary),
    Binary: (BINARY, _binary),
    ObjectId: (OBJECT_ID, _object_id),
    bool: (BOOLEAN, _boolean),
    DatetimeMS: (DATE, _date),
}
