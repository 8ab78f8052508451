"""The calendar durations: years, months and less, as words.

http://hl7.org/fhirpath/N1/#time-valued-quantities
"""

from collections.abc import Mapping
from fractions import Fraction

from psolink.units import Unit

CALENDAR = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
"""Calendar durations, the largest first."""

MEAN_DAYS = {"year": 365, "month": 30}
"""How long the calendar durations count where they meet durations of days."""

_SECONDS: Mapping[str, Fraction] = {
    "week": Fraction(604800), "day": Fraction(86400), "hour": Fraction(3600),
    "minute": Fraction(60), "second": Fraction(1), "millisecond": Fraction(1, 1000),
}  # fmt: skip


def calendar_name(text: str) -> str | None:
    """Return the calendar duration that a word is, in the singular."""
    name = text.removesuffix("s")
    return name if name in CALENDAR else None


def calendar_unit(name: str) -> Unit:
    """Return a calendar duration as seconds."""
    days = MEAN_DAYS.get(name)
    return Unit(_SECONDS[name] if days is None else Fraction(days * 86400), (("s", 1),))
