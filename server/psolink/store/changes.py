"""The history: versions of resources, current and superseded, in the order of time.

https://hl7.org/fhir/R4/http.html#history
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection

from psolink.fhir_json import JsonObject
from psolink.store.order import CHANGE_ORDER, change_place_of
from psolink.store.values import Place, Span, Stored


def changes(
    current: Collection[dict[str, Any]],
    superseded: Collection[dict[str, Any]],
    query: JsonObject,
    span: Span,
    after: Place | None,
    *,
    limit: int,
    milliseconds: int,
    whole: Callable[[Iterable[JsonObject]], list[Stored]],
) -> list[Stored]:
    """Return the latest `limit` versions that match, after the version at the place `after`.

    `whole` makes versions of the documents that are found.
    """
    conditions = [query, *_created_in(span), *_beyond(after)]
    # The current ones first: a version that is superseded in between is met twice, never not at all.
    sources = (
        (current, conditions),
        (superseded, [*conditions, *_still_current_in(span)]),
    )
    found: list[Stored] = []
    for collection, all_of in sources:
        cursor = collection.find({"$and": all_of}, max_time_ms=milliseconds)
        cursor = cursor.sort([(name, DESCENDING) for name in CHANGE_ORDER]).limit(limit)
        found += whole(cursor)
    return _latest(found)[:limit]


def _latest(found: Iterable[Stored]) -> list[Stored]:
    distinct = {(each.key, each.version): each for each in found}
    return sorted(distinct.values(), key=change_place_of, reverse=True)


def _created_in(span: Span) -> Sequence[JsonObject]:
    since = [{"updated": {"$gte": span.since}}] if span.since else []
    return [*since, {"updated": {"$lte": span.at[1]}}] if span.at else since


def _still_current_in(span: Span) -> Sequence[JsonObject]:
    return [{"until": {"$gt": span.at[0]}}] if span.at else []


def _beyond(after: Place | None) -> Sequence[JsonObject]:
    if after is None:
        return []
    updated, resource_id, resource_type = after
    same = {"updated": updated}
    return [
        # It follows from the others, and gives the index a bound.
        {"updated": {"$lte": updated}},
        {
            "$or": [
                {"updated": {"$lt": updated}},
                same | {"id": {"$lt": resource_id}},
                same | {"id": resource_id, "type": {"$lt": resource_type}},
            ]
        },
    ]
