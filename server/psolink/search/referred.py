"""What a resource refers to on this server: every literal reference, indexed by a parameter or not.

https://hl7.org/fhir/R4/references.html#literal
"""

from collections.abc import Iterator, Mapping
from typing import Any

from psolink.definitions.model import TypeDefinition
from psolink.fhir_json import LOCAL_REFERENCE, JsonObject

REFERS = "refers"
"""The array of a stored document that holds them."""

EXEMPT = frozenset({"AuditEvent", "Provenance"})
"""They tell of what was, and what they tell of may be gone."""

_REFERENCE = "Reference"

Types = Mapping[str, TypeDefinition]


def referred(types: Types, resource: JsonObject, *, base_url: str) -> list[str]:
    """Return the targets as `Type/id`, each once."""
    return list(dict.fromkeys(target for _, target in places(types, resource, base_url=base_url)))


def places(types: Types, resource: JsonObject, *, base_url: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each literal reference to this server, and its target.

    A version of a resource counts as the resource. What a Bundle holds refers for itself.
    """
    kind = resource["resourceType"]
    if kind in EXEMPT:
        return
    for path, reference in _literals(types, resource, kind, kind):
        match = LOCAL_REFERENCE.fullmatch(
            reference.removeprefix(f"{base_url}/") if base_url else reference
        )
        target = types.get(match["type"]) if match else None
        if match and target and target.kind == "resource":
            yield path, f"{match['type']}/{match['id']}"


def _literals(
    types: Types, value: JsonObject, type_name: str, at: str
) -> Iterator[tuple[str, str]]:
    if type_name == _REFERENCE and isinstance(value.get("reference"), str):
        yield at, value["reference"]
    definition = types.get(type_name)
    if definition is None:
        return
    for name, each in value.items():
        if isinstance(each, dict | list):
            element = definition.elements.get(name)
            kind = "Element" if name[0] == "_" else element.type if element else ""
            yield from _inside(types, each, kind, f"{at}.{name}")


def _inside(types: Types, value: Any, type_name: str, at: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        for position, each in enumerate(value):
            yield from _inside(types, each, type_name, f"{at}[{position}]")
    elif isinstance(value, dict):
        if "resourceType" not in value:
            yield from _literals(types, value, type_name, at)
        elif ".contained[" in at:
            yield from _literals(types, value, value["resourceType"], at)
