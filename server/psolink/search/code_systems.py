"""The code systems that elements of type `code` imply.

https://hl7.org/fhir/R4/datatypes.html#code
"""

from collections.abc import Mapping

from psolink.definitions import Definitions
from psolink.fhirpath import Node

_NOTHING: Mapping[str, str] = {}


class CodeSystems:
    """Finds the code system of a code by the required binding of its element."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._systems: dict[tuple[str, str], Mapping[str, str]] = {}

    def of(self, node: Node) -> str:
        """Return the URL of the code system that `node`, a code, is from; empty if not known."""
        if node.parent is None:
            return ""
        place = (node.parent.type, node.name)
        systems = self._systems.get(place)
        if systems is None:
            systems = self._systems[place] = self._load(*place)
        return systems.get(node.value, "")

    def _load(self, type_name: str, name: str) -> Mapping[str, str]:
        definition = self._definitions.types.get(type_name)
        element = definition.elements.get(name) if definition else None
        if element is None or element.binding is None or element.binding.strength != "required":
            return _NOTHING
        codes = self._definitions.codes(element.binding.value_set) or {}
        return {code: system for system, some in codes.items() for code in some}
