"""The order of a result, and where a page of it begins.

A page begins after a row's values and not after a number of rows, so that a write between two
pages neither repeats nor loses a row that stays where it is.

https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
"""

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any, cast

from psolink.fhir_json import JsonObject
from psolink.store.values import Page, Place, SortKey, Stored


def sort_of(order: Sequence[SortKey]) -> list[tuple[str, int]]:
    """Return the sort that a page is read in; the key of a row makes it unambiguous."""
    return [(each.path, -1 if each.descending else 1) for each in _complete(order)]


def place_of(row: Stored, order: Sequence[SortKey]) -> Place:
    """Return where `row` stands in the order."""
    return (*(_value(row.index, each.path) for each in order), str(row.key))


def merged(parts: Sequence[Sequence[Stored]], page: Page) -> list[Stored]:
    """Return the first rows of several results that are in the order of `page` themselves."""
    keys = _complete(page.order)

    def compare(one: Stored, other: Stored) -> int:
        places = zip(place_of(one, page.order), place_of(other, page.order), strict=True)
        return next(
            (
                found
                for key, values in zip(keys, places, strict=True)
                if (found := _compared(key, *values))
            ),
            0,
        )

    filled = [part for part in parts if part]
    if len(filled) <= 1:
        return list(filled[0]) if filled else []
    rows = [row for part in parts for row in part]
    return sorted(rows, key=cmp_to_key(compare))[: page.limit]


CHANGE_ORDER = ("updated", "id", "type")
"""The order of a history, latest first; within what one organization holds, it is unambiguous."""


def change_place_of(version: Stored) -> Place:
    """Return where a version stands in the order of a history."""
    return (version.updated, version.key.id, version.key.type)


def after(query: JsonObject, page: Page) -> JsonObject:
    """Return the condition of what matches `query` and comes after the place of `page`."""
    if page.after is None:
        return query
    keys = list(zip(_complete(page.order), page.after, strict=True))
    alternatives = [
        {"$and": [*(_same(*each) for each in keys[:at]), beyond]}
        for at, each in enumerate(keys)
        if (beyond := _beyond(*each)) is not None
    ]
    return {"$and": [query, {"$or": alternatives}]}


def _complete(order: Sequence[SortKey]) -> list[SortKey]:
    return [*order, SortKey("_id", descending=order[-1].descending)]


def _same(key: SortKey, value: object) -> JsonObject:
    return {key.path: value}


def _beyond(key: SortKey, value: object) -> JsonObject | None:
    """Return what comes after the value; None where nothing does."""
    if not key.descending:
        return {key.path: {"$gt": value}}
    if value is None:
        return None
    smaller = {key.path: {"$lt": value}}
    return smaller if key.path == "_id" else {"$or": [smaller, {key.path: None}]}


def _compared(key: SortKey, one: object, other: object) -> int:
    """Return less than 0 where `one` comes first; what is absent comes last."""
    if one == other:
        return 0
    if one is None or other is None:
        return 1 if one is None else -1
    # Both are of the one type that the field has.
    return -1 if (cast("int", one) > cast("int", other)) == key.descending else 1


def _value(document: JsonObject, path: str) -> object:
    found: Any = document
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
