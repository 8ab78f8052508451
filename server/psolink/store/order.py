"""The order of a result, and where a page of it begins.

A page begins after a row's values and not after a number of rows, so that a write between two
pages neither repeats nor loses a row that stays where it is.

https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
"""

from collections.abc import Sequence
from typing import Any

from psolink.fhir_json import JsonObject
from psolink.store.values import Page, Place, SortKey, Stored


def sort_of(order: Sequence[SortKey]) -> list[tuple[str, int]]:
    """Return the sort that a page is read in; the key of a row makes it unambiguous."""
    return [(each.path, -1 if each.descending else 1) for each in _complete(order)]


def place_of(row: Stored, order: Sequence[SortKey]) -> Place:
    """Return where `row` stands in the order."""
    return (*(_value(row.index, each.path) for each in order), str(row.key))


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


def _value(document: JsonObject, path: str) -> object:
    found: Any = document
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
