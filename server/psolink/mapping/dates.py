"""Dates and times as reports write them, and as FHIR does.

https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

import re
from datetime import date, datetime, time, tzinfo

_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)"
_CLOCK = r"\d\d:\d\d:\d\d(?:\.\d{1,6})?"
_MOMENT = re.compile(rf"(\d{{4}}-\d\d-\d\d)T{_CLOCK}({_ZONE})?", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):?(\d\d)(?::(\d\d))?", re.ASCII)


def read_date(text: str) -> str | None:
    """Return the date as a FHIR dateTime; None where it is none.

    A year or a month alone stay what they are. A time of day without a zone is left out, for FHIR
    takes none.
    """
    text = text.strip()
    moment = _MOMENT.fullmatch(text)
    if moment is not None:
        return _moment(text) if moment[2] else read_date(moment[1])
    parts = _PARTIAL.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if parts is None:
        return None
    numbers = [int(part) for part in parts.groups() if part is not None]
    year, month, day = (*numbers, 1, 1)[:3]
    if not _exists(year, month, day):
        return None
    return "-".join(part for part in parts.groups() if part is not None)


def read_time(text: str) -> str | None:
    """Return the time of day as HH:MM:SS; None where it is none."""
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        return None
    try:
        return time(int(parts[1]), int(parts[2]), int(parts[3] or 0)).isoformat("seconds")
    except ValueError:
        return None


def at(day: str, clock: str, zone: tzinfo) -> str:
    """Return the moment at which clocks in `zone` show this full date and time."""
    moment = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone)
    return moment.isoformat(timespec="seconds")


def is_full(day: str) -> bool:
    """Return True for a date with a day and without a time."""
    parts = _PARTIAL.fullmatch(day)
    return parts is not None and parts[3] is not None


def _moment(text: str) -> str | None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
