"""https://hl7.org/fhir/R4/search.html#date.

Values are indexed as intervals, and criteria compare intervals. `ap` widens the interval of the
criterion at both ends by a tenth of the time between it and now, as the specification recommends,
and finds what overlaps that.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import unescape
from psolink.search.intervals import EARLIEST, LATEST, Interval, parse_interval
from psolink.search.search_type import (
    Asked,
    MalformedValue,
    Modifier,
    SearchType,
    Source,
    Term,
    checked,
)

_APPROXIMATELY = 0.1

Compare = Callable[[datetime, datetime], JsonObject]


def date(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the interval of a date, dateTime or instant."""
    interval = _interval(node.value)
    if interval is not None:
        yield _entry(interval.low, interval.high)


def period(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the interval of a Period, open where it has no bound."""
    yield from _between(node.content.get("start"), node.content.get("end"))


def timing(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the outer bounds of a Timing; how often something happens within does not count."""
    repeat = node.content.get("repeat")
    bounds = repeat.get("boundsPeriod") if isinstance(repeat, Mapping) else None
    ends = list(_between(bounds.get("start"), bounds.get("end"))) if bounds else []
    events = (_interval(each) for each in node.content.get("event", ()))
    ends += [_entry(each.low, each.high) for each in events if each is not None]
    if ends:
        yield _entry(min(each["lo"] for each in ends), max(each["hi"] for each in ends))


def no_date(_node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield nothing: an age or a free text, which some elements allow, is no point in time."""
    return iter(())


def _between(start: object, end: object) -> Iterator[JsonObject]:
    first, last = _interval(start), _interval(end)
    if first is not None or last is not None:
        yield _entry(first.low if first else EARLIEST, last.high if last else LATEST)


def _interval(text: object) -> Interval | None:
    return parse_interval(text) if isinstance(text, str) else None


def _entry(low: datetime, high: datetime) -> JsonObject:
    return {"lo": low, "hi": high}


def _equal(low: datetime, high: datetime) -> JsonObject:
    return {"lo": {"$gte": low}, "hi": {"$lte": high}}


def _not_equal(low: datetime, high: datetime) -> JsonObject:
    return {"$or": [{"lo": {"$lt": low}}, {"hi": {"$gt": high}}]}


def _greater(_low: datetime, high: datetime) -> JsonObject:
    return {"hi": {"$gt": high}}


def _less(low: datetime, _high: datetime) -> JsonObject:
    return {"lo": {"$lt": low}}


def _at_least(low: datetime, high: datetime) -> JsonObject:
    # The first condition follows from the others; it gives the index a bound.
    return {"hi": {"$gte": low}, "$or": [{"lo": {"$gte": low}}, {"hi": {"$gt": high}}]}


def _at_most(low: datetime, high: datetime) -> JsonObject:
    return {"lo": {"$lte": high}, "$or": [{"hi": {"$lte": high}}, {"lo": {"$lt": low}}]}


def _starts_after(_low: datetime, high: datetime) -> JsonObject:
    return {"lo": {"$gt": high}}


def _ends_before(low: datetime, _high: datetime) -> JsonObject:
    return {"hi": {"$lt": low}}


def _overlaps(low: datetime, high: datetime) -> JsonObject:
    return {"lo": {"$lte": high}, "hi": {"$gte": low}}


COMPARISONS: Mapping[str, Compare] = {
    "eq": _equal,
    "ne": _not_equal,
    "gt": _greater,
    "lt": _less,
    "ge": _at_least,
    "le": _at_most,
    "sa": _starts_after,
    "eb": _ends_before,
    "ap": _overlaps,
}
"""https://hl7.org/fhir/R4/search.html#prefix."""


def parse_prefixed(value: str, asked: Asked) -> tuple[str, str, Interval]:
    """Return the prefix, the canonical text and the interval of a criterion."""
    text = checked(unescape(value))
    prefix = text[:2] if text[:2] in COMPARISONS else ""
    interval = parse_interval(text.removeprefix(prefix))
    if interval is None:
        hint = "; a + is written %2B in a URL" if " " in value else ""
        raise MalformedValue(
            "a date such as 2024, 2024-02-29 or 2024-02-29T12:30:00Z is expected, with one of the "
            f"prefixes {' '.join(COMPARISONS)} or none{hint}"
        )
    if prefix == "ap":
        interval = _widened(interval, asked.clock())
    return prefix or "eq", text.removeprefix("eq"), interval


def _widened(interval: Interval, now: datetime) -> Interval:
    gap = max(interval.low - now, now - interval.high, timedelta())
    by = timedelta(milliseconds=int(gap / timedelta(milliseconds=1) * _APPROXIMATELY))
    low = interval.low - by if interval.low - EARLIEST > by else EARLIEST
    high = interval.high + by if LATEST - interval.high > by else LATEST
    return Interval(low, high)


def parse(value: str, asked: Asked) -> Term:
    """Return the term of a date with its prefix."""
    prefix, text, interval = parse_prefixed(value, asked)
    return Term(text, COMPARISONS[prefix](interval.low, interval.high))


def parse_overlap(value: str, _asked: Asked) -> Term:
    """Return the term of what has a moment in common with the value."""
    text = checked(unescape(value))
    interval = parse_interval(text)
    if interval is None:
        raise MalformedValue("a date such as 2024-02-29 is expected, without a prefix")
    return Term(text, _overlaps(interval.low, interval.high))


DATE = SearchType(
    array="date",
    index={
        "date": date,
        "dateTime": date,
        "instant": date,
        "Period": period,
        "Timing": timing,
        "Age": no_date,
        "Range": no_date,
        "string": no_date,
    },
    parse=parse,
    operators={"po": Modifier(parse_overlap)},
)
