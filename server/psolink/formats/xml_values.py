"""Primitive values as XML writes them: the text of a `value` attribute and the JSON value.

https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import re
from collections.abc import Callable
from decimal import Decimal

from psolink.definitions import TypeDefinition
from psolink.formats.numbers import BadNumber, decimal, integer
from psolink.formats.xml_text import BadValue

ReadValue = Callable[[str], object]
WriteValue = Callable[[object], str]

_BOOLEANS = {"true": True, "false": False}
_INT32 = range(-(2**31), 2**31)
_SHOWN = 40


def reader_of(primitive: TypeDefinition) -> ReadValue:
    """Return the function from text to JSON value of a primitive."""
    match primitive.system_type:
        case "Boolean":
            return _read_boolean
        case "Integer":
            return _number_reader(primitive, _int32)
        case "Decimal":
            return _number_reader(primitive, _number)
        case _:
            return str


def writer_of(primitive: TypeDefinition) -> WriteValue:
    """Return the function from JSON value to text of a primitive."""
    match primitive.system_type:
        case "Boolean":
            return _write_boolean
        case "Integer" | "Decimal":
            return _write_number
        case _:
            return write_string


def _read_boolean(text: str) -> object:
    value = _BOOLEANS.get(text)
    if value is None:
        raise BadValue(f"Expected true or false, found {_show(text)}")
    return value


def _number_reader(primitive: TypeDefinition, convert: ReadValue) -> ReadValue:
    is_written_well = re.compile(primitive.pattern or "").fullmatch

    def read(text: str) -> object:
        if not is_written_well(text):
            raise BadValue(f"Expected a number of the type {primitive.name}, found {_show(text)}")
        try:
            return convert(text)
        except BadNumber as error:
            raise BadValue(f"The number {_show(text)} {error.reason}") from error

    return read


def _int32(text: str) -> object:
    value = integer(text)
    if value not in _INT32:
        raise BadValue(
            f"Expected a whole number from {_INT32[0]} to {_INT32[-1]}, found {_show(text)}"
        )
    return value


def _number(text: str) -> object:
    is_whole = text.lstrip("-").isdecimal()
    return integer(text) if is_whole else decimal(text)


def _write_boolean(value: object) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise BadValue(f"Expected a boolean, found {kind(value)}")


def _write_number(value: object) -> str:
    if type(value) is int or (type(value) is Decimal and value.is_finite()):
        return str(value)
    raise BadValue(f"Expected a number, found {kind(value)}")


def write_string(value: object) -> str:
    """Return a JSON value that must be a string."""
    if isinstance(value, str):
        return value
    raise BadValue(f"Expected a string, found {kind(value)}")


def kind(value: object) -> str:
    """Return what a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float() | Decimal():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def _show(text: str) -> str:
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}..."'
