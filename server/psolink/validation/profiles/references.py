"""The resource type that a reference leads to, as far as it says so."""

import re

from psolink.fhirpath import Node, resource_node

_LITERAL = re.compile(r"(?:\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/\S+)?")
_CORE = "http://hl7.org/fhir/StructureDefinition/"


def target_type(node: Node, resource: Node) -> str | None:
    """Return the type that a Reference or canonical points at, None where it does not tell."""
    literal = node.value if isinstance(node.value, str) else node.content.get("reference")
    if isinstance(literal, str):
        if literal.startswith("#"):
            return _contained_type(literal[1:], resource)
        found = _LITERAL.fullmatch(literal)
        if found:
            return found[1]
    declared = node.content.get("type")
    return declared.removeprefix(_CORE) if isinstance(declared, str) else None


def contained_target(node: Node, resource: Node) -> Node | None:
    """Return the contained resource that a Reference points at, None where it points elsewhere."""
    literal = node.content.get("reference")
    if not isinstance(literal, str) or not literal.startswith("#"):
        return None
    return _contained(literal[1:], resource)


def _contained_type(logical_id: str, resource: Node) -> str | None:
    found = _contained(logical_id, resource)
    return None if found is None else found.type


def _contained(logical_id: str, resource: Node) -> Node | None:
    contained = resource.content.get("contained", ())
    found = next((each for each in contained if each.get("id") == logical_id), None)
    return None if found is None else resource_node(found)
