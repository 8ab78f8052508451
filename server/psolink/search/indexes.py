"""The indexes that search needs, for the store to make.

Each begins with the resource type, then the parameter, then the values. An index may pass only
one array, hence one for each search type; numbers are kept with quantities, and composites with
the type of their first component.

Where a search asks for one value, the order of the results follows, newest first: a page of many
matches is then read as it is, and not sorted. That is worth more than the system of a token or the
type of a reference in the index, which tell few documents apart.

What refers to a resource, from wherever, has an index without the type of what refers.

Of the parameters to sort by, `date` has indexes of its own: lists of events are read by it.
"""

from psolink.search.sort_values import sort_path
from psolink.store.indexes import Index

_NEWEST_FIRST = (("created", -1), ("_id", -1))


def _index(name: str, *paths: str, order: tuple[tuple[str, int], ...] = ()) -> Index:
    return Index("resources", name, (*((path, 1) for path in ("type", *paths)), *order))


SEARCH_INDEXES = (
    _index("by_token_2", "token.p", "token.c", order=_NEWEST_FIRST),
    _index("by_string_1", "string.p", "string.v"),
    _index("by_reference_2", "reference.p", "reference.i", order=_NEWEST_FIRST),
    _index("by_reference_url_2", "reference.p", "reference.u", order=_NEWEST_FIRST),
    _index("by_date_low_1", "date.p", "date.lo"),
    _index("by_date_high_1", "date.p", "date.hi"),
    Index("resources", "by_referred_1", (("reference.i", 1), ("reference.t", 1))),
    _index("by_quantity_1", "quantity.p", "quantity.v"),
    _index("by_uri_2", "uri.p", "uri.v", order=_NEWEST_FIRST),
    _index("by_update_1", order=(("updated", -1), ("_id", -1))),
    _index("by_date_descending_1", order=((sort_path("date", descending=True), -1), ("_id", -1))),
    _index("by_date_ascending_1", order=((sort_path("date", descending=False), -1), ("_id", -1))),
)
