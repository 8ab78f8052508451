"""FHIR JSON without loss: what is parsed renders to the same keys, strings and digits.

https://hl7.org/fhir/R4/json.html

The fast reader does not notice a key that comes twice, so what it read is written again: only where
that is not the body, white space apart, does the slower reader go through it key by key.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, dropwhile
from typing import Any, NoReturn

import msgspec

from psolink.errors import InvalidRequest, PayloadTooLarge
from psolink.fhir_json import JsonObject
from psolink.formats.json_position import (
    duplicate_key,
    escape_offset,
    number_position,
    position,
)
from psolink.formats.numbers import MAX_DIGITS, BadNumber, decimal, integer

_SHOWN = 40
_BOM = b"\xef\xbb\xbf"
_FOREIGN_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_WHITE_SPACE = b" \t\r\n"
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'{}[]"'))
_DEPTH_STEPS = bytes(1 if byte in b"{[" else 255 for byte in range(256))
_DIGITS_TO_ZERO = bytes(ord("0" if byte in b"0123456789" else " ") for byte in range(256))
_MAY_BE_CONTROL = (b"b", b"f", b"u00")
_CONTROL = re.compile(rb"[bf]|u00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F])")
# An escaped backslash is matched first, so that what follows it is not taken for an escape.
_HALF_PAIR = re.compile(
    rb"\\\\|(\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD]...)\\u[dD][c-fC-F])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How large a body may be, and how deep its objects and arrays may be nested."""

    max_bytes: int = 32 * 1024 * 1024
    max_depth: int = 50


class _DuplicateKey(Exception):
    """A key that comes twice in one object."""


def parse(body: bytes, *, limits: JsonLimits) -> JsonObject:
    """Return the resource in the body, decimals as Decimal with all their digits."""
    return _resource(_value(body, limits))


def parse_array(body: bytes, *, limits: JsonLimits) -> list[Any]:
    """Return the array in the body, as a JSON Patch is one."""
    value = _value(body, limits)
    if not isinstance(value, list):
        raise InvalidRequest("The body is not a JSON array; send a list of operations.")
    return value


def _value(body: bytes, limits: JsonLimits) -> object:
    if len(body) > limits.max_bytes:
        raise PayloadTooLarge(
            f"The body has {len(body):,} bytes and this server takes {limits.max_bytes:,}; "
            "send it in smaller parts."
        )
    body = body.removeprefix(_BOM)
    _refuse_depth(_without_escapes(body), limits.max_depth)
    return _decode(body)


def render(resource: JsonObject, *, pretty: bool = False) -> bytes:
    """Return the resource as JSON in UTF-8, on one line or indented by two."""
    body = _ENCODER.encode(resource)
    return msgspec.json.format(body, indent=2) if pretty else body


def _without_escapes(body: bytes) -> bytes:
    """Return the body less its escape sequences, none of which may be a control character."""
    if b"\\" not in body:
        return body
    first, *rest = body.split(b"\\")
    kept = [first]
    follows_backslash = False
    for piece in rest:
        if follows_backslash or not piece:
            # Nothing between two backslashes: the second is the escaped one.
            follows_backslash = not follows_backslash
            kept.append(piece)
        else:
            if piece.startswith(_MAY_BE_CONTROL):
                _refuse_control_character(body, piece)
            kept.append(piece[1:])
    return b"".join(kept)


def _refuse_control_character(body: bytes, escaped: bytes) -> None:
    found = _CONTROL.match(escaped)
    if found:
        where = position(body, escape_offset(body, found[0]))
        raise InvalidRequest(
            f"The control character \\{found[0].decode()} at {where} is not allowed in FHIR: of the "
            "characters below U+0020 only tab, carriage return and line feed are."
        )


def _refuse_depth(body: bytes, limit: int) -> None:
    steps = memoryview(_brackets(body).translate(_DEPTH_STEPS)).cast("b")
    if next(dropwhile(limit.__ge__, accumulate(steps)), None) is not None:
        raise InvalidRequest(
            f"The JSON is nested deeper than {limit} levels, which no resource needs; "
            "flatten it or send its parts on their own."
        )


def _brackets(body: bytes) -> bytes:
    """Return the brackets that are not inside a string, of a body without escape sequences."""
    marks = body.translate(None, _NOT_STRUCTURE)
    brackets = marks.replace(b'""', b"")
    # Where no string holds a bracket, the quotes of each stand together and are gone by now.
    return b"".join(marks.split(b'"')[::2]) if b'"' in brackets else brackets


def _decode(body: bytes) -> object:
    try:
        value = _DECODER.decode(body)
        return value if _is_faithful(body, value) else _decode_exactly(body)
    except UnicodeDecodeError:
        _refuse_encoding(body)
    except msgspec.DecodeError as error:
        raise InvalidRequest(_malformed(body, str(error))) from error
    except BadNumber as error:
        where = number_position(body, error.text)
        raise InvalidRequest(
            f"The number {_short(error.text)} at {where} {error.reason}."
        ) from error
    except _DuplicateKey as error:
        key, where = duplicate_key(body)
        raise InvalidRequest(
            f"The object has the key {_short(key)} twice, again at {where}; send each key once."
        ) from error


def _is_faithful(body: bytes, value: object) -> bool:
    """Tell whether `value` is all of the body: every key, and each number as it was written."""
    # An integer of 19 digits may not fit the 64 bits that the store has for it.
    if b"0" * 19 in body.translate(_DIGITS_TO_ZERO):
        return False
    written = _ENCODER.encode(value)
    return body == written or _dense(body) == _dense(written)


def _dense(body: bytes) -> bytes:
    return body.translate(None, _WHITE_SPACE)


def _decode_exactly(body: bytes) -> object:
    return _EXACT_DECODER.decode(body.decode())


def _object(pairs: Sequence[tuple[str, Any]]) -> JsonObject:
    properties = dict(pairs)
    if len(properties) != len(pairs):
        raise _DuplicateKey
    return properties


def _malformed(body: bytes, reason: str) -> str:
    if not body.strip():
        return "The body is empty; send a resource as JSON."
    if body.startswith(_FOREIGN_BOMS):
        return "The body is not in UTF-8; FHIR JSON is always UTF-8."
    half = next((match for match in _HALF_PAIR.finditer(body) if match[1]), None)
    if half:
        return f"Half of a surrogate pair stands alone at {position(body, half.start())}."
    if reason.startswith("Integer value out of range"):
        return f"A number has more than the {MAX_DIGITS} digits that can be kept."
    what, _, offset = reason.removeprefix("JSON is malformed: ").rstrip(")").partition(" (byte ")
    if not offset:
        return f"The JSON ends before it is complete, at {position(body, len(body))}."
    return f"The JSON is malformed at {position(body, int(offset))}: {what}."


def _refuse_encoding(body: bytes) -> NoReturn:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"The byte 0x{body[error.start]:02x} at {position(body, error.start)} is not valid "
            "UTF-8; FHIR JSON is always UTF-8."
        ) from error
    raise AssertionError("only called where the body is not UTF-8")


def _resource(value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise InvalidRequest(
            "The body is not a JSON object; send a resource with its resourceType."
        )
    if not isinstance(value.get("resourceType"), str):
        raise InvalidRequest(
            "The JSON object has no resourceType; send it with the name of a resource type, "
            'such as "resourceType": "AdverseEvent".'
        )
    return value


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


_DECODER = msgspec.json.Decoder(float_hook=decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_EXACT_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=decimal, parse_int=integer)
