"""Contained resources: what they are found by lies beside what their container is found by.

A document holds for each of them the same arrays as for a resource of its own, so that criteria
have to be met by one of them. The values that an index can serve are repeated among those of the
container, under the name of the type and the parameter: `Medication#code`.

https://hl7.org/fhir/R4/search.html#contained
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from psolink.fhir_json import JsonObject
from psolink.search.conditions import all_of
from psolink.search.criterion import NotSupported, split_name
from psolink.search.filter_syntax import parse_filter
from psolink.search.filtered import FILTER, comparisons
from psolink.search.has import HAS
from psolink.search.listed import LIST
from psolink.search.matching import meets
from psolink.search.registry import SearchParameter
from psolink.search.unindexed import UNINDEXED, unindexed_item

CONTAINED = "contained"
"""The array of a stored document that holds them, in the order of the resource."""

MARK = "_contained"
"""Takes the place of a parameter in tokens whose code is the type of a contained resource."""

LAST_UPDATED = "_lastUpdated"
"""Only the container was ever updated."""

MAX_CONTAINED = 1000
"""The most contained resources that one resource is found by."""

MAX_CHARACTERS = 500_000
"""The most characters of values that the contained resources have together."""

# References are left out: compartments and includes follow those of the container alone.
_REPEATED = ("token", "string", "uri", "date", "quantity")


def add_contained(
    found: JsonObject, resource: JsonObject, values_of: Callable[[JsonObject], JsonObject]
) -> None:
    """Add what the contained resources are found by; where they are too many, it says so."""
    kept: list[JsonObject] = []
    room = MAX_CHARACTERS
    for each in resource[CONTAINED]:
        item = {"type": each["resourceType"], "id": each.get("id")} | values_of(each)
        room -= len(repr(item))
        if room < 0 or len(kept) == MAX_CONTAINED:
            found.setdefault("token", []).append(unindexed_item(MARK))
            break
        kept.append(item)
    if not kept:
        return
    for item in kept:
        _repeat(found, item)
    types = dict.fromkeys(item["type"] for item in kept)
    found.setdefault("token", []).extend({"p": MARK, "s": "", "c": each} for each in types)
    found[CONTAINED] = kept


def _repeat(found: JsonObject, item: JsonObject) -> None:
    for array in _REPEATED:
        if values := item.get(array):
            named = ({**each, "p": _name(item["type"], each["p"])} for each in values)
            found.setdefault(array, []).extend(named)


def containers(item: JsonObject) -> JsonObject:
    """Return what finds the resources that hold a contained one that meets `item`, with its type."""
    resource_type = str(item["type"])
    conditions = [{name: each for name, each in item.items() if name != "$and"}]
    conditions += item.get("$and", [])
    # They follow from the last condition; they give an index its bounds.
    leads = [lead for each in conditions for lead in _leads(resource_type, each)]
    mark = {"token": {"$elemMatch": {"p": MARK, "c": resource_type}}}
    return all_of([*(leads or [mark]), {CONTAINED: {"$elemMatch": item}}])


def possibly_missed(unindexed: JsonObject | None) -> JsonObject:
    """Return what finds the containers that a search may miss.

    `unindexed` finds the resources of their own that it may miss; None: there are none.
    """
    cut: JsonObject = {"token": {"$elemMatch": {"p": UNINDEXED, "c": MARK}}}
    return cut if unindexed is None else {"$or": [cut, containers(unindexed)]}


def matching(item: JsonObject, document: JsonObject) -> list[int]:
    """Return which of the contained resources in a document meet `item`."""
    return [at for at, each in enumerate(document.get(CONTAINED, ())) if meets(item, each)]


def require_inside(
    parameters: Mapping[str, SearchParameter], pairs: Sequence[tuple[str, str]]
) -> None:
    """Raise `NotSupported` for criteria that a contained resource cannot be asked."""
    for name, value in pairs:
        if name == FILTER:
            paths = [each.path for each in comparisons(parse_filter(value))]
            if LAST_UPDATED in paths:
                raise NotSupported(
                    f"{LAST_UPDATED} is about what holds a contained resource: send it beside "
                    f"{FILTER}, and not within."
                )
        else:
            paths = [name]
        for each in paths:
            _require(parameters, each)


def _require(parameters: Mapping[str, SearchParameter], name: str) -> None:
    if "." in name or name == LIST or split_name(name)[0] == HAS:
        raise NotSupported(
            f"{name[:64]!r} looks at other resources, which is not possible for contained ones: "
            "search with _contained=false, or leave it out."
        )
    parameter = parameters.get(split_name(name)[0])
    if parameter is not None and (parameter.kept_as or parameter.code == "near"):
        raise NotSupported(f"Contained resources are not searched by {parameter.code!r}.")


def _leads(resource_type: str, condition: JsonObject) -> Iterator[JsonObject]:
    for array, operand in condition.items():
        item = operand.get("$elemMatch") if isinstance(operand, dict) else None
        if array in _REPEATED and isinstance(item, dict) and isinstance(item.get("p"), str):
            yield {array: {"$elemMatch": item | {"p": _name(resource_type, item["p"])}}}


def _name(resource_type: str, code: str) -> str:
    return f"{resource_type}#{code}"
