"""Dates as the intervals of time that they stand for, in milliseconds of UTC.

https://hl7.org/fhir/R4/search.html#date
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d+))?)?"
    r"(?P<zone>Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?)?)?)?",
    re.ASCII,
)
_MILLISECOND = timedelta(milliseconds=1)
_LENGTHS = (
    ("fraction", _MILLISECOND),
    ("second", timedelta(seconds=1)),
    ("minute", timedelta(minutes=1)),
    ("day", timedelta(days=1)),
)
_LEAP_SECOND = 60


@dataclass(frozen=True, slots=True)
class Interval:
    """From the first millisecond to the last, both included."""

    low: datetime
    high: datetime


def parse_interval(text: str) -> Interval | None:
    """Return all the time that a date of any precision means; None if it is no date.

    What has no time zone is in UTC.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        start = _start(match)
    except ValueError:
        return None
    offset = _offset(match["zone"])
    return Interval(_shifted(start, -offset), _shifted(start, _length(match, start) - offset))


def _start(match: re.Match[str]) -> datetime:
    second = int(match["second"] or 0)
    return datetime(
        int(match["year"]),
        int(match["month"] or 1),
        int(match["day"] or 1),
        int(match["hour"] or 0),
        int(match["minute"] or 0),
        59 if second == _LEAP_SECOND else second,
        int((match["fraction"] or "")[:3].ljust(3, "0")) * 1000,
        tzinfo=UTC,
    )


def _length(match: re.Match[str], start: datetime) -> timedelta:
    """Return the time from the first millisecond of the interval to its last."""
    for name, length in _LENGTHS:
        if match[name] is not None:
            return length - _MILLISECOND
    days = calendar.monthrange(start.year, start.month)[1]
    if match["month"] is None:
        days = 366 if calendar.isleap(start.year) else 365
    return timedelta(days=days) - _MILLISECOND


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta()
    magnitude = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return -magnitude if zone[0] == "-" else magnitude


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return min(moment + by, LATEST)
    except OverflowError:
        return EARLIEST if by < timedelta() else LATEST
