"""The forms of primitive values: functions that tell whether a value has one.

https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import binascii
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import isfinite

Accept = Callable[[object], bool]

MAX_STRING = 1024 * 1024
MAX_ID = 64
MAX_INTEGER = 2**31 - 1

ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
DAY = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
INSTANT = rf"{DAY}T{TIME}{ZONE}"
YEAR_OR_MONTH = r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OID = r"[0-2](?:\.(?:0|[1-9][0-9]*))+"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNBROKEN = re.compile(r"\S+", re.ASCII)
_URI = re.compile(r"(?!urn:(?:uuid|oid):)\S+", re.ASCII)
_URN = re.compile(rf"urn:(?:uuid:{UUID}|oid:{OID})")
# A Reference is a string and no uri, and RFC 4122 reads a UUID in either case.
_REFERRED_URN = re.compile(rf"urn:(?:uuid:(?i:{UUID})|oid:{OID})")


def matching(pattern: str) -> Accept:
    """Return the check of strings by a regular expression, whose classes are those of ASCII."""
    fullmatch = re.compile(pattern, re.ASCII).fullmatch

    def accept(value: object) -> bool:
        return isinstance(value, str) and fullmatch(value) is not None

    return accept


def dated(pattern: str) -> Accept:
    """Return the check of a pattern that begins with a day, which must be one of the calendar."""
    fullmatch = re.compile(pattern).fullmatch

    def accept(value: object) -> bool:
        return (
            isinstance(value, str)
            and fullmatch(value) is not None
            # Every month has 28 days, so most values need no calendar.
            and (value[8:10] <= "28" or is_day(value[:10]))
        )

    return accept


def whole(lowest: int) -> Accept:
    """Return the check of integers from `lowest` to the largest of 32 bits."""

    def accept(value: object) -> bool:
        # A bool is an int to isinstance.
        return type(value) is int and lowest <= value <= MAX_INTEGER

    return accept


is_unsigned = whole(0)


def is_boolean(value: object) -> bool:
    """Tell whether it is true or false."""
    return value is True or value is False


def is_decimal(value: object) -> bool:
    """Tell whether it is a number."""
    match value:
        case bool():
            return False
        case Decimal():
            return value.is_finite()
        case float():
            return isfinite(value)
        case _:
            return isinstance(value, int)


def is_string(value: object) -> bool:
    """Tell whether it is text: not empty, not too long, without control characters."""
    return (
        isinstance(value, str)
        and value != ""
        and not value.isspace()
        and len(value) <= MAX_STRING
        and (value.isprintable() or _CONTROL.search(value) is None)
    )


def is_unbroken(value: object) -> bool:
    """Tell whether it is a string without white space."""
    return isinstance(value, str) and _UNBROKEN.fullmatch(value) is not None


def is_uri(value: object) -> bool:
    """Tell whether it can be a URI."""
    is_plain = isinstance(value, str) and _URI.fullmatch(value) is not None
    return is_plain or (isinstance(value, str) and _URN.fullmatch(value) is not None)


def is_referred_urn(value: str) -> bool:
    """Tell whether it is a urn:uuid: or urn:oid: with a UUID, in either case, or an OID."""
    return _REFERRED_URN.fullmatch(value) is not None


def is_canonical(value: object) -> bool:
    """Tell whether it can be a canonical that leads outside the resource."""
    return is_uri(value) and not str(value).startswith("#")


def is_base64(value: object) -> bool:
    """Tell whether it is base64, of which RFC 4648 lets a reader pass over the white space."""
    if not isinstance(value, str) or not value.isascii() or not value.strip():
        return False
    try:
        binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except binascii.Error:
        return False
    return True


def decoded_size(base64: str) -> int:
    """Return how many bytes base64 stands for."""
    digits = "".join(base64.split())
    return len(digits) // 4 * 3 - digits.count("=")


def is_day(text: str) -> bool:
    """Tell whether the calendar has a day that is written year, month, day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
