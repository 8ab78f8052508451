"""The literal references of a resource, wherever in it they stand.

https://hl7.org/fhir/R4/references.html#literal
"""

from collections.abc import Iterator, Mapping
from typing import Any

from psolink.definitions.model import TypeDefinition
from psolink.fhir_json import JsonObject

_REFERENCE = "Reference"
_CONTAINED = "contained"

Types = Mapping[str, TypeDefinition]
_At = tuple["_At", str] | None
"""A place as a step from another one: texts are only made of those where a reference stands."""


def literal_references(types: Types, resource: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield the path of each literal reference and what it says.

    Those of what the resource contains are its own. What a Bundle holds refers for itself, also
    where the Bundle is contained.
    """
    name = resource.get("resourceType")
    if not isinstance(name, str):
        return
    walk = _Walk(types)
    walk.through(resource, name, None)
    for at, reference in walk.found:
        yield f"{name}{_text(at)}", reference


class _Walk:
    """Goes through a resource with the types of its elements at hand."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self.found: list[tuple[_At, str]] = []

    def through(self, value: JsonObject, type_name: str, at: _At) -> None:
        if type_name == _REFERENCE and isinstance(value.get("reference"), str):
            self.found.append((at, value["reference"]))
        definition = self._types.get(type_name)
        if definition is None:
            return
        for name, each in value.items():
            if isinstance(each, dict):
                self._enter(each, definition, name, (at, f".{name}"))
            elif isinstance(each, list):
                for position, item in enumerate(each):
                    if isinstance(item, dict):
                        self._enter(item, definition, name, (at, f".{name}[{position}]"))

    def _enter(self, value: JsonObject, definition: TypeDefinition, name: str, at: _At) -> None:
        kind: Any = value.get("resourceType")
        if kind is None:
            element = definition.elements.get(name)
            # The extensions of a primitive element stand beside it, under its name with this sign.
            type_name = "Element" if name.startswith("_") else element.type if element else ""
            self.through(value, type_name, at)
        elif name == _CONTAINED and isinstance(kind, str):
            self.through(value, kind, at)


def _text(at: _At) -> str:
    steps: list[str] = []
    while at is not None:
        at, step = at
        steps.append(step)
    return "".join(reversed(steps))
