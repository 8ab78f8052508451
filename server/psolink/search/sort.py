"""In which order a search asks for its results.

https://hl7.org/fhir/R4/search.html#sort
"""

from collections.abc import Sequence
from difflib import get_close_matches

from psolink.search.criterion import NotSupported
from psolink.search.registry import SearchParameters
from psolink.search.search_type import MalformedValue
from psolink.search.sort_values import NOT_SORTED, is_sortable, sort_path
from psolink.store.values import SortKey

MAX_SORT_KEYS = 8
_SHOWN = 64
_OF_THE_DOCUMENT = {"_id": "id", "_lastUpdated": "updated"}


def read_sort(
    value: str, parameters: SearchParameters, resource_types: Sequence[str]
) -> tuple[SortKey, ...]:
    """Return the keys that `_sort` names, such as `-date,name`.

    Raise `NotSupported` for what results cannot be sorted by.
    """
    rules = [each for each in value.split(",") if each]
    if not rules:
        raise MalformedValue("search parameters to sort by are expected, such as -date,name")
    if len(rules) > MAX_SORT_KEYS:
        raise MalformedValue(f"at most {MAX_SORT_KEYS} search parameters are sorted by")
    return tuple(_key(each, parameters, resource_types) for each in rules)


def _key(rule: str, parameters: SearchParameters, resource_types: Sequence[str]) -> SortKey:
    code, descending = rule.removeprefix("-"), rule.startswith("-")
    if code in _OF_THE_DOCUMENT:
        return SortKey(_OF_THE_DOCUMENT[code], descending)
    keys: set[str] = set()
    for each in resource_types:
        known = sortable(parameters, each)
        if code in known:
            keys.add(parameters.for_type(each)[code].key)
        else:
            near = get_close_matches(code, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise NotSupported(f"{each} cannot be sorted by {code[:_SHOWN]!r}.{hint}")
    if len(keys) > 1:
        raise NotSupported(f"{code!r} is not the same in all the types that are searched.")
    # What is kept for the ascending direction was turned round.
    return SortKey(sort_path(next(iter(keys), code), descending=descending))


def sortable(parameters: SearchParameters, resource_type: str) -> list[str]:
    """Return the codes that results of a type can be sorted by."""
    return [
        each.code
        for each in parameters.supported_parameters(resource_type)
        if each.search_type is not None
        and each.search_type.index
        and each.type not in NOT_SORTED
        and is_sortable(each.code, each.search_type.array)
    ]
