"""Points in time as FHIR writes them, and days that end where they end for the reader."""

from datetime import date, datetime, time, timedelta

Moment = date | datetime
"""An instant, or a day of which no time is known."""


def fhir_instant(now: datetime) -> str:
    """Return `now` with its own offset from UTC.

    https://hl7.org/fhir/R4/datatypes.html#instant
    """
    if now.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return now.isoformat(timespec="milliseconds")


def has_begun(moment: Moment, now: datetime) -> bool:
    """Tell whether `now` is at or after the moment; a day begins at midnight where `now` is read."""
    return now >= _start(moment, now)


def has_ended(moment: Moment, now: datetime) -> bool:
    """Tell whether `now` is past the moment: past the whole day, or at or after the instant."""
    if isinstance(moment, datetime):
        return now >= moment
    return now > datetime.combine(moment, time.max, now.tzinfo)


def _start(moment: Moment, now: datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time.min, now.tzinfo)


def later(moment: Moment, days: int) -> Moment:
    """Return the moment so many days later."""
    return moment + timedelta(days=days)
