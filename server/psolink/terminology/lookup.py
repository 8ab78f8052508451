"""What is known of a code, and how two codes of a code system relate.

https://hl7.org/fhir/R4/codesystem-operation-lookup.html and
https://hl7.org/fhir/R4/codesystem-operation-subsumes.html
"""

from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.terminology.code_system_index import CodeSystemIndex
from psolink.terminology.failures import FilterNotSupported, UnknownTerminology
from psolink.terminology.model import Concept

_HIERARCHY = ("child", "parent")


def lookup(index: CodeSystemIndex, code: str, wanted: frozenset[str]) -> JsonObject:
    """Return the Parameters of `$lookup`: what is wanted of the properties, or all of them."""
    concept = required(index, code)
    definition = index.definition
    stated = (
        ("name", definition.name or definition.url),
        ("version", definition.version),
        ("display", concept.display or concept.code),
    )
    parameter: list[JsonObject] = [
        {"name": name, "valueString": value} for name, value in stated if value
    ]
    parameter += [
        {"name": "property", "part": [{"name": "code", "valueCode": name}, value]}
        for name, value in _properties(index, concept)
        if not wanted or name in wanted
    ]
    return {"resourceType": "Parameters", "parameter": parameter}


def subsumes(index: CodeSystemIndex, one: str, other: str) -> str:
    """Return how the first code relates to the second: `equivalent`, `subsumes` and so on."""
    if not index.has_subsumption:
        raise FilterNotSupported(
            f"What is below a concept of {index.definition.url} is not of its kind: "
            f"its hierarchy means {index.definition.hierarchy_meaning!r}."
        )
    first, second = required(index, one).code, required(index, other).code
    if first == second:
        return "equivalent"
    if second in index.descendants(first):
        return "subsumes"
    return "subsumed-by" if first in index.descendants(second) else "not-subsumed"


def required(index: CodeSystemIndex, code: str) -> Concept:
    """Return the concept; raise `UnknownTerminology` if the code system does not have it."""
    concept = index.find(code)
    if concept is None:
        part = "" if index.is_complete else " as far as it is held here"
        raise UnknownTerminology(
            f"The code system {index.definition.url} has no code {code[:64]!r}{part}."
        )
    return concept


def _properties(index: CodeSystemIndex, concept: Concept) -> Iterator[tuple[str, JsonObject]]:
    for name, related in zip(_HIERARCHY, (index.children, index.parents), strict=True):
        for code in related.get(concept.code, ()):
            yield name, {"name": "value", "valueCode": code}
    yield "inactive", {"name": "value", "valueBoolean": index.is_inactive(concept.code)}
    for each in concept.property:
        if each.code not in (*_HIERARCHY, "inactive"):
            element, value = each.element()
            yield each.code, {"name": "value", element: value}
