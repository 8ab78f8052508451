"""Code systems, value sets, concept maps and naming systems, each as the resource less its texts.

https://hl7.org/fhir/R4/terminology-module.html
"""

from collections.abc import Iterable, Iterator
from typing import Any

from psolink.definitions.patches import NOT_OF_R4_TERMINOLOGY
from psolink.fhir_json import JsonObject

_METADATA = (
    "url",
    "identifier",
    "version",
    "name",
    "title",
    "status",
    "experimental",
    "date",
    "publisher",
    "copyright",
)
_ELEMENTS = {
    "CodeSystem": (
        *_METADATA,
        "caseSensitive",
        "valueSet",
        "hierarchyMeaning",
        "compositional",
        "versionNeeded",
        "content",
        "supplements",
        "count",
        "filter",
        "property",
        "concept",
    ),
    "ValueSet": (*_METADATA, "immutable", "compose"),
    "ConceptMap": (
        *_METADATA,
        "sourceUri",
        "sourceCanonical",
        "targetUri",
        "targetCanonical",
        "group",
    ),
    "NamingSystem": (
        "name",
        "status",
        "kind",
        "date",
        "publisher",
        "responsible",
        "type",
        "usage",
        "uniqueId",
    ),
}
# What stands in a part of any of them and is prose, or a note of its editors.
_TEXTS = frozenset({"definition", "designation", "extension", "description"})

Rows = list[tuple[str, JsonObject]]
"""Resources by key, each without its type and its logical id where the key says them."""


def read_terminology(definitions: Iterable[JsonObject], resource_type: str) -> Rows:
    """Return the resources of a type by canonical URL; naming systems, having none, by id."""
    found = (each for each in definitions if each["resourceType"] == resource_type)
    rows = (_row(each) for each in found if each.get("url") not in NOT_OF_R4_TERMINOLOGY)
    return sorted(rows, key=lambda row: row[0])


def _row(resource: JsonObject) -> tuple[str, JsonObject]:
    kept = {
        name: _without_texts(resource[name])
        for name in _ELEMENTS[resource["resourceType"]]
        if name in resource
    }
    if "group" in kept:
        kept["group"] = [_split_elements(group) for group in kept["group"]]
    key: str = resource["url"] if "url" in resource else resource["id"]
    return key, {"id": resource["id"]} | kept


def _without_texts(value: Any) -> Any:  # noqa: ANN401 - any part of a resource
    match value:
        case dict():
            return {key: _without_texts(part) for key, part in value.items() if key not in _TEXTS}
        case list():
            return [_without_texts(part) for part in value]
        case _:
            return value


def _split_elements(group: JsonObject) -> JsonObject:
    """Return the group with an element for each code; R4 joins several by a comma in one."""
    return group | {"element": [one for each in group["element"] for one in _one_code_each(each)]}


def _one_code_each(element: JsonObject) -> Iterator[JsonObject]:
    for code in element["code"].split(","):
        yield element | {"code": code.strip()}
