"""A range of dates, as two searches that an index bounds on both sides.

A date is an interval: what overlaps a range may have begun long before it, and no index of
beginnings or of ends bounds such a search on more than one side. But most dates are moments or
days. They lie between the day before the range and its end; the others are marked when they are
indexed (`sort_values.WIDE`), and are looked for among the marked ones.
"""

from collections.abc import Iterator, Sequence

from psolink.fhir_json import JsonObject
from psolink.search.intervals import Interval, parse_interval
from psolink.search.sort_values import DAY_MILLISECONDS, WIDE, milliseconds, sort_path

DATE = "date"
"""The parameter whose order has an index."""

_SINCE = ("ge", "gt", "sa")
_UNTIL = ("le", "lt", "eb")
_MARKED = {"$elemMatch": {"p": WIDE, "c": DATE}}


def bounded_searches(
    query: JsonObject, used: Sequence[tuple[str, str]], *, descending: bool = True
) -> tuple[JsonObject, ...]:
    """Return searches that together match what `query` does, each match in one of them.

    `used` are its criteria. `descending` says which of the two indexes is to be read.
    """
    intervals = [each for name, value in used if name == DATE for each in _intervals(value)]
    sinces = [milliseconds(each.low) for prefix, each in intervals if prefix in _SINCE]
    untils = [milliseconds(each.high) for prefix, each in intervals if prefix in _UNTIL]
    if not sinces or not untils:
        return (query,)
    low, high = max(sinces) - DAY_MILLISECONDS, min(untils)
    between = {"$gte": low, "$lte": high} if descending else {"$gte": -high, "$lte": -low}
    near: JsonObject = {sort_path(DATE, descending=descending): between}
    return (
        {"$and": [query, near, {"token": {"$not": _MARKED}}]},
        {"$and": [query, {"token": _MARKED}]},
    )


def _intervals(value: str) -> Iterator[tuple[str, Interval]]:
    """Yield the prefix and the interval of a criterion, if it is a single one.

    A date without a prefix has both.
    """
    prefix = value[:2] if value[:2].isalpha() else ""
    interval = parse_interval(value.removeprefix(prefix))
    if interval is not None:
        for each in (prefix,) if prefix else (_SINCE[0], _UNTIL[0]):
            yield each, interval
