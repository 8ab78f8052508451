"""The indexes that search needs, for the store to make.

Each begins with the resource type, then the parameter, then the values. An index may pass only
one array, hence one for each search type.
"""

from psolink.store.indexes import Index

_ONE = 1


def _index(name: str, *paths: str) -> Index:
    return Index("resources", name, tuple((path, _ONE) for path in ("type", *paths)))


SEARCH_INDEXES = (
    _index("by_token_1", "token.p", "token.c", "token.s"),
    _index("by_string_1", "string.p", "string.v"),
    _index("by_reference_1", "reference.p", "reference.i", "reference.t"),
    _index("by_reference_url_1", "reference.p", "reference.u"),
    _index("by_date_low_1", "date.p", "date.lo"),
    _index("by_date_high_1", "date.p", "date.hi"),
    _index("by_uri_1", "uri.p", "uri.v"),
    Index("resources", "by_update_1", (("type", 1), ("updated", -1), ("_id", -1))),
)
