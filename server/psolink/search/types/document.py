"""The parameters that are about the stored document itself: `_id` and `_lastUpdated`.

https://hl7.org/fhir/R4/search.html#all
"""

from collections.abc import Mapping
from datetime import datetime

from psolink.fhir_json import LOGICAL_ID, JsonObject
from psolink.search.escapes import unescape
from psolink.search.search_type import Asked, MalformedValue, Modifier, SearchType, Term, checked
from psolink.search.types.date import Compare, parse_prefixed


def parse_id(value: str, _asked: Asked) -> Term:
    """Return the term of a logical id."""
    text = checked(unescape(value))
    if not LOGICAL_ID.fullmatch(text):
        raise MalformedValue("a logical id of up to 64 letters, digits, - and . is expected")
    return Term(text, {"id": text})


def parse_last_updated(value: str, asked: Asked) -> Term:
    """Return the term of the moment of the last update, with its prefix."""
    prefix, text, interval = parse_prefixed(value, asked)
    return Term(text, _MOMENTS[prefix](interval.low, interval.high))


def _within(low: datetime, high: datetime) -> JsonObject:
    return {"updated": {"$gte": low, "$lte": high}}


def _outside(low: datetime, high: datetime) -> JsonObject:
    return {"$or": [{"updated": {"$lt": low}}, {"updated": {"$gt": high}}]}


def _before(low: datetime, _high: datetime) -> JsonObject:
    return {"updated": {"$lt": low}}


def _after(_low: datetime, high: datetime) -> JsonObject:
    return {"updated": {"$gt": high}}


# What `psolink.search.types.date.COMPARISONS` come to for an interval that is one moment.
_MOMENTS: Mapping[str, Compare] = {
    "eq": _within,
    "ne": _outside,
    "gt": _after,
    "lt": _before,
    "ge": lambda low, _high: {"updated": {"$gte": low}},
    "le": lambda _low, high: {"updated": {"$lte": high}},
    "sa": _after,
    "eb": _before,
    "ap": _within,
}

ID = SearchType(array=None, index={}, parse=parse_id, is_extracted=False)
LAST_UPDATED = SearchType(
    array=None,
    index={},
    parse=parse_last_updated,
    # A moment overlaps what it lies in: that is what it means without a prefix.
    operators={"po": Modifier(parse_last_updated)},
    is_extracted=False,
)
