"""Combine conditions so that an index can serve them."""

from collections.abc import Sequence

from psolink.fhir_json import JsonObject


def any_of(conditions: Sequence[JsonObject]) -> JsonObject:
    """Return a condition that holds where one of `conditions` does.

    What they have in common stands beside the alternatives, because that is what an index can be
    read by: a field that all of them compare with a string becomes `$in`.
    """
    distinct = [each for at, each in enumerate(conditions) if each not in conditions[:at]]
    if len(distinct) == 1:
        return distinct[0]
    shared = {
        name: [each[name] for each in distinct]
        for name in distinct[0]
        if name != "$or" and all(name in each for each in distinct)
    }
    same = {name: some[0] for name, some in shared.items() if all(each == some[0] for each in some)}
    listed = {
        name: {"$in": sorted(set(some))}
        for name, some in shared.items()
        if name not in same and all(isinstance(each, str) for each in some)
    }
    is_said = len(listed) <= 1 and all(
        each.keys() == same.keys() | listed.keys() for each in distinct
    )
    return same | listed | ({} if is_said else {"$or": distinct})


def all_of(conditions: Sequence[JsonObject]) -> JsonObject:
    """Return a condition that holds where all of `conditions` do."""
    if not conditions:
        return {}
    return conditions[0] if len(conditions) == 1 else {"$and": list(conditions)}


def one_of(values: Sequence[str]) -> object:
    """Return the comparison with one of `values`."""
    return values[0] if len(values) == 1 else {"$in": sorted(set(values))}
