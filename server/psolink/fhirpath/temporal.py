"""Dates, times and their partial forms, compared as far as their precision goes.

http://hl7.org/fhirpath/N1/#datetime-equality
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_TEXT = re.compile(
    r"(?:(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?)?"
    r"T?(?:(?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d+)?))?)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_DATE_PARTS = 3
_HIGHEST = {"month": 12, "day": 31, "hour": 23, "minute": 59, "second": 60}


@dataclass(frozen=True, slots=True)
class Temporal:
    """The parts that are known, from the largest; in UTC where there is a time zone.

    `is_time` says that the parts begin with the hour. Seconds keep their fraction.
    """

    is_time: bool
    parts: tuple[int | Decimal, ...]
    has_zone: bool


def parse_temporal(text: str) -> Temporal | None:
    """Return the date, dateTime or time that `text` is, None if it is none of them."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    known = {name: part for name, part in match.groupdict().items() if part and name != "zone"}
    if not known or any(Decimal(part) > _HIGHEST.get(name, 9999) for name, part in known.items()):
        return None
    parts = tuple(Decimal(part) if "." in part else int(part) for part in known.values())
    zone = match["zone"]
    if zone is None or "minute" not in known or "day" not in known:
        return Temporal("year" not in known, parts, has_zone=False)
    return _in_utc(parts, zone)


def compare(left: Temporal, right: Temporal) -> int | None:
    """Return -1, 0 or 1; None where the precision or a missing time zone leaves it open.

    Dates and times are not compared with each other: the caller keeps them apart.
    """
    if left.has_zone != right.has_zone and min(len(left.parts), len(right.parts)) > _DATE_PARTS:
        return None
    for ours, theirs in zip(left.parts, right.parts, strict=False):
        if ours != theirs:
            return -1 if ours < theirs else 1
    return 0 if len(left.parts) == len(right.parts) else None


def _in_utc(parts: tuple[int | Decimal, ...], zone: str) -> Temporal | None:
    year, month, day, hour, minute = (int(part) for part in parts[:5])
    try:
        local = datetime(year, month, day, hour, minute, tzinfo=UTC)
        moment = local - _offset(zone)
    except (ValueError, OverflowError):
        return None
    shifted = (moment.year, moment.month, moment.day, moment.hour, moment.minute)
    return Temporal(is_time=False, parts=(*shifted, *parts[5:]), has_zone=True)


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta()
    magnitude = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return -magnitude if zone[0] == "-" else magnitude
