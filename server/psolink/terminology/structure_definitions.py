"""StructureDefinitions of R4 core with their snapshots, made from the tables of elements.

https://hl7.org/fhir/R4/structuredefinition.html and https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from psolink.definitions import Definitions, Element, Invariant, Labels, TypeDefinition
from psolink.fhir_json import JsonObject
from psolink.terminology.core_definitions import (
    CORE,
    PUBLISHER,
    VERSION,
    binding_element,
    present,
    profiles,
)

_KINDS = {"resource": "resource", "complex": "complex-type", "primitive": "primitive-type"}
_SYSTEM = "http://hl7.org/fhirpath/System."
_FHIR_TYPE = f"{CORE}structuredefinition-fhir-type"
_REGEX = f"{CORE}regex"
_MAX_VALUE_SET = f"{CORE}elementdefinition-maxValueSet"
_LOGICAL_ID = "Resource.id"
_MODIFIES = "R4 marks this element as one that changes what the others mean."


def structure_definition(
    definition: TypeDefinition, definitions: Definitions, labels: Labels
) -> JsonObject:
    """Return the StructureDefinition of a type."""
    name = definition.name
    is_constraint = definition.kind == "constraint"
    derivation = "constraint" if is_constraint else "specialization"
    elements = list(_Snapshot(definitions, labels).elements(definition))
    return present(
        {
            "resourceType": "StructureDefinition",
            "id": name,
            "url": f"{CORE}{name}",
            "version": VERSION,
            "name": name,
            "status": labels.statuses.get(name, "draft"),
            "experimental": False,
            "publisher": PUBLISHER,
            "fhirVersion": VERSION,
            "kind": _KINDS.get(definition.kind, "complex-type"),
            "abstract": definition.abstract,
            "type": definition.base if is_constraint else name,
            "baseDefinition": definition.base and f"{CORE}{definition.base}",
            "derivation": derivation if definition.base else None,
            "snapshot": {"element": elements},
        }
    )


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """Makes the elements of snapshots, each with those below it."""

    definitions: Definitions
    labels: Labels

    def elements(self, definition: TypeDefinition) -> Iterator[JsonObject]:
        """Yield the root element of a type and all below it."""
        # A constraint describes the type that it constrains.
        is_constraint = definition.kind == "constraint"
        path = definition.base if is_constraint and definition.base else definition.name
        root = self._described(path, path, 0, "*")
        root |= self._constraints(self.definitions.invariants(definition.name))
        root["isModifier"] = False
        yield root | ({"isSummary": False} if definition.kind == "resource" else {})
        yield from self._below(definition, path)
        if definition.kind == "primitive":
            yield self._value(definition)

    def _below(self, definition: TypeDefinition, path: str) -> Iterator[JsonObject]:
        elements = definition.elements.values()
        for _, group in groupby(elements, key=lambda each: each.choice_of or each.name):
            choices = list(group)
            yield self._element(definition, path, choices)
            own = f"{definition.name}.{choices[0].name}"
            if choices[0].type == own:
                yield from self._below(self.definitions.types[own], f"{path}.{choices[0].name}")

    def _element(
        self, definition: TypeDefinition, parent: str, choices: Sequence[Element]
    ) -> JsonObject:
        first = choices[0]
        name = f"{first.choice_of}[x]" if first.choice_of else first.name
        path = f"{parent}.{name}"
        base = f"{self._owner(definition, first.name)}.{name}"
        element = self._described(path, base, first.min, _max(first))
        element |= {"representation": ["xmlAttr"]} if first.is_xml_attribute else {}
        element |= self._typed(definition, base, choices)
        element |= {"isModifier": first.is_modifier}
        element |= {"isModifierReason": _MODIFIES} if first.is_modifier else {}
        element |= {"isSummary": first.is_summary}
        return element | (_binding(first) if first.binding else {})

    def _typed(
        self, definition: TypeDefinition, base: str, choices: Sequence[Element]
    ) -> JsonObject:
        """Return what an element is made of, and the rules that come with that."""
        first = choices[0]
        if first.is_xml_attribute or base == _LOGICAL_ID:
            return {"type": [_system_string(first)]}
        constraints = self._constraints((*self._repeated(first), *first.invariants))
        named = self.definitions.types[first.type]
        if named.kind != "backbone":
            return {"type": [_type(each) for each in choices]} | constraints
        if first.type == f"{definition.name}.{first.name}":
            return {"type": [{"code": named.base}]} | constraints
        return {"contentReference": f"#{first.type}"} | constraints

    def _repeated(self, element: Element) -> tuple[Invariant, ...]:
        """Return the rules of its type that R4 says again at each element; they hold in any case."""
        base = [each.name for each in self.definitions.lineage(element.type)][-1]
        return self.definitions.invariants("Extension" if element.type == "Extension" else base)

    def _constraints(self, invariants: Sequence[Invariant]) -> JsonObject:
        constraints = [
            {
                "key": each.key,
                "severity": each.severity,
                "human": self.labels.invariants.get(each.expression, each.expression),
                "expression": each.expression,
            }
            for each in invariants
        ]
        return {"constraint": constraints} if constraints else {}

    def _owner(self, definition: TypeDefinition, name: str) -> str:
        """Return the type that first has the element."""
        owners = [
            each for each in self.definitions.lineage(definition.name) if name in each.elements
        ]
        # A constraint has the elements of what it constrains.
        return owners[-1].name

    def _described(self, path: str, base: str, least: int, most: str) -> JsonObject:
        labels = self.labels.elements
        short = labels.get(path) or labels.get(base) or path
        return {
            "id": path,
            "path": path,
            "short": short,
            "definition": short,
            "min": least,
            "max": most,
            "base": {"path": base, "min": least, "max": most},
        }

    def _value(self, definition: TypeDefinition) -> JsonObject:
        path = f"{definition.name}.value"
        system_type = {"code": f"{_SYSTEM}{definition.system_type}"}
        regex = {"url": _REGEX, "valueString": definition.pattern}
        extension = {"extension": [regex]} if definition.pattern else {}
        return self._described(path, path, 0, "1") | {
            "representation": ["xhtml" if definition.name == "xhtml" else "xmlAttr"],
            "type": [extension | system_type],
            "isModifier": False,
            "isSummary": False,
        }


def _max(element: Element) -> str:
    return "*" if element.max is None else str(element.max)


def _type(element: Element) -> JsonObject:
    return present(
        {
            "code": element.type,
            "profile": profiles([element.profile]) if element.profile else None,
            "targetProfile": profiles(element.targets),
        }
    )


def _system_string(element: Element) -> JsonObject:
    """Return the type of a value that is no element of its own, as R4 writes that."""
    extension = {"url": _FHIR_TYPE, "valueUrl": element.type}
    return {"extension": [extension], "code": f"{_SYSTEM}String"}


def _binding(element: Element) -> JsonObject:
    binding = element.binding
    if binding is None:
        return {}
    made = binding_element(binding)
    if binding.max_value_set:
        widest = {"url": _MAX_VALUE_SET, "valueCanonical": binding.max_value_set}
        made = {"extension": [widest]} | made
    return {"binding": made}
