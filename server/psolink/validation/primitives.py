"""The primitives of R4: what each takes, and what to say where a value is no such.

https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from psolink.validation import forms
from psolink.validation.wording import show


@dataclass(frozen=True, slots=True)
class Primitive:
    """How a primitive is told: what it takes, in words what it expects, and a hint at the fault."""

    accept: forms.Accept
    json_type: Literal["string", "number", "boolean"]
    expected: str
    hint: Callable[[str], str] = lambda _text: ""


def _string_hint(text: str) -> str:
    if len(text) > forms.MAX_STRING:
        return f"it has {len(text):,} characters, and {forms.MAX_STRING:,} are allowed"
    if not text.strip():
        return "leave the element out where there is nothing to say"
    return "of the characters below U+0020 only tab, carriage return and line feed are allowed"


def _time_hint(text: str) -> str:
    if re.fullmatch(rf"{forms.DAY}T{forms.TIME}", text):
        return "a time needs its time zone: add Z or an offset such as +01:00"
    if re.fullmatch(rf"{forms.DAY}T[0-9]{{2}}:[0-9]{{2}}{forms.ZONE}?", text):
        return "a time needs seconds: add :00"
    return _day_hint(text)


def _day_hint(text: str) -> str:
    is_no_day = re.match(forms.DAY, text) and not forms.is_day(text[:10])
    return "the calendar has no such day" if is_no_day else ""


def _id_hint(text: str) -> str:
    if len(text) > forms.MAX_ID:
        return f"it has {len(text)} characters"
    wrong = sorted({each for each in text if not re.match(r"[A-Za-z0-9\-.]", each)})
    return f"{' '.join(map(show, wrong[:3]))} cannot be in it" if wrong else ""


def _code_hint(text: str) -> str:
    has_surplus = text != " ".join(text.split())
    return "remove the leading, trailing or doubled white space" if has_surplus else ""


def _uri_hint(text: str) -> str:
    if any(map(str.isspace, text)):
        return "remove the white space"
    if forms.is_referred_urn(text):
        return "write the UUID in lower case"
    is_urn = text.startswith("urn:")
    return "what follows urn:uuid: or urn:oid: must be a UUID or an OID" if is_urn else ""


_TEXT = Primitive(forms.is_string, "string", "text", _string_hint)
_URI = Primitive(forms.is_uri, "string", "a URI without white space", _uri_hint)

ELEMENT_ID = Primitive(forms.is_unbroken, "string", "an id without white space")

PRIMITIVES: Mapping[str, Primitive] = {
    "base64Binary": Primitive(forms.is_base64, "string", "base64 with its padding"),
    "boolean": Primitive(forms.is_boolean, "boolean", "true or false"),
    "canonical": Primitive(forms.is_canonical, "string", _URI.expected, _uri_hint),
    "code": Primitive(
        forms.matching(r"\S+(?: \S+)*"),
        "string",
        "a code without surplus white space",
        _code_hint,
    ),
    "date": Primitive(
        forms.dated(rf"{forms.YEAR_OR_MONTH}|{forms.DAY}"),
        "string",
        "a date such as 2026, 2026-10 or 2026-10-02",
        _day_hint,
    ),
    "dateTime": Primitive(
        forms.dated(rf"{forms.YEAR_OR_MONTH}|{forms.DAY}|{forms.INSTANT}"),
        "string",
        "a date, or date and time such as 2026-10-02T08:15:00+01:00",
        _time_hint,
    ),
    "decimal": Primitive(forms.is_decimal, "number", "a decimal number"),
    "id": Primitive(
        forms.matching(rf"[A-Za-z0-9\-.]{{1,{forms.MAX_ID}}}"),
        "string",
        f"1 to {forms.MAX_ID} letters, digits, - and .",
        _id_hint,
    ),
    "instant": Primitive(
        forms.dated(forms.INSTANT),
        "string",
        "date and time to the second, such as 2026-10-02T08:15:00Z",
        _time_hint,
    ),
    "integer": Primitive(
        forms.whole(-forms.MAX_INTEGER - 1),
        "number",
        f"a whole number from {-forms.MAX_INTEGER - 1} to {forms.MAX_INTEGER}",
    ),
    "markdown": _TEXT,
    "oid": Primitive(
        forms.matching(f"urn:oid:{forms.OID}"), "string", "an OID such as urn:oid:1.2.3"
    ),
    "positiveInt": Primitive(
        forms.whole(1), "number", f"a whole number from 1 to {forms.MAX_INTEGER}"
    ),
    "string": _TEXT,
    "time": Primitive(
        forms.matching(forms.TIME), "string", "a time such as 08:15:00, without time zone"
    ),
    "unsignedInt": Primitive(
        forms.whole(0), "number", f"a whole number from 0 to {forms.MAX_INTEGER}"
    ),
    "uri": _URI,
    "url": _URI,
    "uuid": Primitive(
        forms.matching(f"urn:uuid:{forms.UUID}"),
        "string",
        "a UUID in lower case such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    ),
    "xhtml": Primitive(lambda value: isinstance(value, str), "string", "XHTML in a string"),
}


def fault(primitive: Primitive, value: object) -> str:
    """Return what is wrong with a value that the primitive does not take, and how to mend it."""
    found = f"Expected {primitive.expected}, found {show(value)}"
    advice = _advice(primitive, value)
    return f"{found}; {advice}." if advice else f"{found}."


def _advice(primitive: Primitive, value: object) -> str:
    match value:
        case None:
            return "leave the element out instead of sending null"
        case str() if primitive.json_type == "string":
            return primitive.hint(value)
        case str():
            return f"send a JSON {primitive.json_type}, without quotes"
        case bool() | int() | float() | Decimal() if primitive.json_type == "string":
            return "send a JSON string, in quotes"
        case float() | Decimal():
            return "send it without decimal point and exponent"
        case _:
            return ""
