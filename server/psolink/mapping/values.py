"""Read the value of an answer as its element means it.

https://hl7.org/fhir/R4/questionnaireresponse-definitions.html#QuestionnaireResponse.item.answer.value_x_
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from psolink.fhir_json import JsonObject
from psolink.mapping.dates import read_date, read_time
from psolink.mapping.dictionary import Element, Option
from psolink.mapping.systems import ANSWER, BY_NAME, LOINC
from psolink.outcome import IssueCode

_YES, _NO = "A15", "A18"


class Unreadable(Exception):
    """The value is not one that the element takes."""

    def __init__(self, reason: str, code: IssueCode = IssueCode.VALUE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says, and what was odd about how it says it."""

    text: str | None = None
    option: Option | None = None
    remark: str | None = None


def read_value(element: Element, answer: JsonObject) -> Reading:
    """Return what `answer` says; raise `Unreadable` where that is not established."""
    kinds = [name for name in answer if name.startswith("value")]
    if len(kinds) != 1:
        found = "no value" if not kinds else f"{len(kinds)} values"
        raise Unreadable(f"an answer has one value, and this has {found}")
    return _READERS[element.type](element, kinds[0], answer[kinds[0]])


def _read_text(element: Element, kind: str, value: Any) -> Reading:  # noqa: ANN401 - parsed JSON
    match kind, value:
        case "valueString", str() if value.strip():
            return Reading(value.strip())
        case "valueInteger" | "valueDecimal", int() | Decimal() if not isinstance(value, bool):
            return Reading(str(value), remark="a number was sent where text is expected")
        case "valueCoding", {"system": system, "code": str(code)} if (
            element.system and system == element.system
        ):
            return Reading(code)
    raise _wrong(kind, "a valueString that is not empty")


def _read_date(_: Element, kind: str, value: Any) -> Reading:  # noqa: ANN401 - parsed JSON
    if kind not in ("valueDate", "valueDateTime", "valueString") or not isinstance(value, str):
        raise _wrong(kind, "a valueDate")
    found = read_date(value)
    if found is None:
        raise Unreadable("it is no date of the calendar in the form YYYY-MM-DD")
    return Reading(found)


def _read_time(_: Element, kind: str, value: Any) -> Reading:  # noqa: ANN401 - parsed JSON
    if kind not in ("valueTime", "valueString") or not isinstance(value, str):
        raise _wrong(kind, "a valueTime")
    found = read_time(value)
    if found is None:
        raise Unreadable("it is no time of day in the form HH:MM:SS")
    return Reading(found)


def _read_choice(element: Element, kind: str, value: Any) -> Reading:  # noqa: ANN401 - parsed JSON
    match kind, value:
        case "valueCoding", dict():
            return _read_coding(element, value)
        case "valueString", str() if value.strip():
            return _read_choice_text(element, value.strip())
        case "valueBoolean", bool() if element.option(_YES):
            chosen = element.option(_YES if value else _NO)
            return Reading(option=chosen, remark="a boolean was sent where a coding is expected")
    raise _wrong(kind, "a valueCoding")


def _read_coding(element: Element, coding: JsonObject) -> Reading:
    for option in element.options:
        if _is_option(coding, option):
            return Reading(option=option)
    for option in element.options:
        if _reads_like(coding, option):
            remark = "its LOINC code is not established, so that it was read by its display"
            return Reading(option=option, remark=remark)
    code = coding.get("code")
    found = f"the code {str(code)[:32]!r}" if code else "a coding without a code"
    known = ", ".join(option.code for option in element.options)
    raise Unreadable(
        f"{found} is none of the answers of {element.id} ({known})", IssueCode.CODE_INVALID
    )


def _is_option(coding: JsonObject, option: Option) -> bool:
    # No URL is established for the answer codes, so that every sender has its own: a system that
    # nobody here knows is taken for the answers' system. A known system means what it says.
    system, code = coding.get("system"), coding.get("code")
    if code is None:
        return False
    if system == LOINC:
        return bool(code == option.loinc)
    if system == ANSWER or system in BY_NAME.values():
        return bool(system == option.system and code == option.code)
    return code in (option.code, option.loinc)


def _reads_like(coding: JsonObject, option: Option) -> bool:
    display = coding.get("display")
    return (
        coding.get("system") == LOINC
        and option.loinc is None
        and isinstance(display, str)
        and display.strip().casefold() == option.label.casefold()
    )


def _read_choice_text(element: Element, text: str) -> Reading:
    for option in element.options:
        if text in (option.code, option.loinc):
            return Reading(option=option, remark="a string was sent where a coding is expected")
    if element.other is None:
        raise _wrong("valueString", "a valueCoding")
    return Reading(text, element.option(element.other))


def _wrong(kind: str, expected: str) -> Unreadable:
    return Unreadable(f"{expected} is expected, and {kind[:32]} does not give it")


_READERS: Mapping[str, Callable[[Element, str, Any], Reading]] = MappingProxyType(
    {
        "string": _read_text,
        "text": _read_text,
        "date": _read_date,
        "time": _read_time,
        "choice": _read_choice,
    }
)
