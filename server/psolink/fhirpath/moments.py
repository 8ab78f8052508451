"""Dates and times as they are written: calendar arithmetic, boundaries and precision.

http://hl7.org/fhirpath/N1/#datetime-arithmetic
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from decimal import Decimal
from math import floor

from psolink.fhirpath.durations import CALENDAR, MEAN_DAYS, calendar_name
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.nodes import Amount

_TEXT = re.compile(
    r"(?:(\d{4})(?:-(\d\d)(?:-(\d\d))?)?)?T?(?:(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?)?"
    r"(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_DATE_PARTS, _TO_HOURS, _TO_MINUTES = 3, 4, 5
_FIRST = ("0001", "01", "01", "00", "00", "00.000")
_SEPARATORS = ("", "-", "-", "T", ":", ":")
_SIZES = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
_PRECISIONS = ("year", "month", "day", "hour", "minute", "second")
_DEFINITE = {"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second"}
_DEFINITE |= {"ms": "millisecond"}
_MOST = Decimal(10) ** 12
_DIGITS_OF_DAY = 8
_DATE_DIGITS = {4: 1, 6: 2, 8: 3}
_DATETIME_DIGITS = {**_DATE_DIGITS, 10: 4, 12: 5, 14: 6, 17: 6}
_TIME_DIGITS = {2: 1, 4: 2, 6: 3, 9: 3}
_WHOLE_SECONDS = {"Time": 6, "DateTime": 14}
_FULL_DIGITS = {"Date": 8, "DateTime": 17, "Time": 9}


@dataclass(frozen=True, slots=True)
class Moment:
    """The parts of a date or time as text, from the year, or for times from the hour."""

    parts: tuple[str, ...]
    zone: str
    is_time: bool

    def __str__(self) -> str:
        """Return the text in FHIR's form."""
        separators = ("", ":", ":") if self.is_time else _SEPARATORS
        pairs = zip(separators, self.parts, strict=False)
        return "".join(f"{separator}{part}" for separator, part in pairs) + self.zone

    @property
    def precision(self) -> str:
        """The smallest duration that is known."""
        return _PRECISIONS[len(self.parts) - 1 + (_DATE_PARTS if self.is_time else 0)]


def parse_moment(text: str) -> Moment:
    """Return the parts of a text that is known to be a date, dateTime or time."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise FhirPathError("a date or time is not written as FHIR has it")
    parts = tuple(part for part in match.groups()[:-1] if part)
    return Moment(parts, match[7] or "", is_time=match[1] is None)


def shifted(text: str, by: Amount, sign: int) -> str | None:
    """Return a date or time later or earlier by a duration; None beyond the years 1 to 9999."""
    moment, duration = parse_moment(text), _duration(by)
    if abs(by.value) > _MOST:
        return None
    value = sign * by.value
    if duration not in ("second", "millisecond"):
        value = Decimal(int(value))
    try:
        if moment.is_time:
            return str(_later_time(moment, value, duration))
        return str(_later(moment, value, duration))
    except (OverflowError, ValueError):
        return None


def low_boundary(text: str, type_name: str, digits: int | None) -> str | None:
    """Return the earliest moment that a text may mean, None for a precision that it cannot have."""
    return _boundary(text, type_name, digits, is_high=False)


def high_boundary(text: str, type_name: str, digits: int | None) -> str | None:
    """Return the latest moment that a text may mean, None for a precision that it cannot have."""
    return _boundary(text, type_name, digits, is_high=True)


def precision(text: str) -> int:
    """Return how many digits of a date or time are known."""
    return sum(each.isdigit() for part in parse_moment(text).parts for each in part)


def _duration(by: Amount) -> str:
    name = by.unit if by.is_calendar else _DEFINITE.get(by.unit) or calendar_name(by.unit)
    if name is None:
        wanted = ", ".join([*CALENDAR, *(f"'{each}'" for each in _DEFINITE)])
        raise FhirPathError(f"a date or time can be moved by {wanted}, found '{by.unit}'")
    return name


def _later(moment: Moment, value: Decimal, duration: str) -> Moment:
    if duration in MEAN_DAYS:
        months = int(value) * (12 if duration == "year" else 1)
        return _by_months(moment, _whole(months, 12) if moment.precision == "year" else months)
    seconds = value / 1000 if duration == "millisecond" else value * _SIZES[duration]
    if moment.precision in MEAN_DAYS:
        count = int(seconds / (MEAN_DAYS[moment.precision] * _SIZES["day"]))
        return _by_months(moment, count * (12 if moment.precision == "year" else 1))
    if moment.precision != "second":
        seconds = Decimal(_whole(int(seconds), _SIZES[moment.precision]))
    return _by_seconds(moment, seconds)


def _whole(count: int, size: int) -> int:
    """Return what is left of a count without its part of a size, towards zero."""
    return abs(count) // size * size * (1 if count >= 0 else -1)


def _by_months(moment: Moment, months: int) -> Moment:
    year, month = int(moment.parts[0]), int(moment.parts[1]) if len(moment.parts) > 1 else 1
    index = year * 12 + month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not 1 <= year <= MAXYEAR:
        raise OverflowError
    parts = [f"{year:04}", f"{month:02}", *moment.parts[2:]][: len(moment.parts)]
    if len(parts) >= _DATE_PARTS:
        parts[2] = f"{min(int(parts[2]), monthrange(year, month)[1]):02}"
    return Moment(tuple(parts), moment.zone, is_time=False)


def _by_seconds(moment: Moment, seconds: Decimal) -> Moment:
    filled = [*moment.parts, *_FIRST[len(moment.parts) :]]
    year, month, day, hour, minute = map(int, filled[:_TO_MINUTES])
    total = Decimal(moment.parts[5] if len(moment.parts) > _TO_MINUTES else 0) + seconds
    whole = floor(total)
    at = datetime(year, month, day, hour, minute, tzinfo=UTC) + timedelta(seconds=whole)
    found = (f"{at.year:04}", f"{at.month:02}", f"{at.day:02}", f"{at.hour:02}", f"{at.minute:02}")
    parts = (*found, _seconds(at.second, total - whole))
    return Moment(parts[: len(moment.parts)], moment.zone, is_time=False)


def _seconds(second: int, fraction: Decimal) -> str:
    text = f"{fraction:f}".partition(".")[2]
    return f"{second:02}.{text}" if text else f"{second:02}"


def _later_time(moment: Moment, value: Decimal, duration: str) -> Moment:
    """Return a time later on; it goes round the clock."""
    if duration in MEAN_DAYS or duration in ("week", "day"):
        raise FhirPathError(f"a time can be moved by hours and less, found {duration}")
    day = Moment(("2000", "01", "01", *moment.parts), "", is_time=False)
    size = Decimal(_SIZES["day"])
    seconds = value / 1000 if duration == "millisecond" else value * _SIZES[duration]
    later = _later(day, seconds % size, "second")
    return Moment(later.parts[_DATE_PARTS:], "", is_time=True)


def _boundary(text: str, type_name: str, digits: int | None, *, is_high: bool) -> str | None:
    moment = parse_moment(text)
    tables = {"Date": _DATE_DIGITS, "DateTime": _DATETIME_DIGITS, "Time": _TIME_DIGITS}
    wanted = _FULL_DIGITS[type_name] if digits is None else digits
    count = tables["DateTime" if type_name == "Date" else type_name].get(wanted)
    if count is None:
        return None
    parts = _filled(moment, is_high=is_high)[:count]
    if wanted == _WHOLE_SECONDS.get(type_name):
        parts = [*parts[:-1], parts[-1][:2]]
    zone = moment.zone or ("-12:00" if is_high else "+14:00")
    has_zone = not moment.is_time and wanted > _DIGITS_OF_DAY
    return str(Moment(tuple(parts), zone if has_zone else "", moment.is_time))


def _filled(moment: Moment, *, is_high: bool) -> list[str]:
    """Return all parts, those that are not known at their ends."""
    parts = ["2000", "01", "01"] if moment.is_time else []
    parts += moment.parts
    if len(parts) == _TO_HOURS:
        # FHIR has no hours without minutes: where only the hour is written, minute 0 is meant.
        parts.append("00")
    if is_high and len(parts) < _DATE_PARTS:
        parts += ["12"][: 2 - len(parts)]
        parts.append(f"{monthrange(int(parts[0]), int(parts[1]))[1]:02}")
    ends = ("", "", "", "23", "59", "59.999") if is_high else _FIRST
    parts += ends[len(parts) :]
    second, _, fraction = parts[-1].partition(".")
    parts[-1] = f"{second}.{fraction[:3].ljust(3, '9' if is_high else '0')}"
    return parts[_DATE_PARTS:] if moment.is_time else parts
