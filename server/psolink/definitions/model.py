"""What FHIR R4 defines, as values.

The values that are rows of a table are msgspec structs rather than dataclasses: they are as
frozen and slotted, and 8,000 of them decode in a tenth of the time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

Kind = Literal["resource", "complex", "primitive", "backbone", "constraint"]


class Invariant(Struct, frozen=True, gc=False):
    """A rule that holds for an element, as FHIRPath with that element as its focus."""

    key: str
    severity: str
    expression: str


class Binding(Struct, frozen=True, omit_defaults=True, gc=False, rename="camel"):
    """The value set that the codes of an element come from, and how far that obliges.

    `max_value_set` obliges where the binding itself only prefers or extends.
    """

    value_set: str
    strength: str
    max_value_set: str | None = None


class Element(Struct, frozen=True, omit_defaults=True, gc=False, rename="camel"):
    """One JSON property of a type; a choice element is one of these for each of its types.

    `type` is the name of a type, backbone elements by their path (`AdverseEvent.suspectEntity`).
    `choice_of` is the name that FHIRPath uses (`value` for `valueString`); `min` counts the choice.
    `max` is None where there is no limit. Without `targets` a reference may point at any type.
    `profile` is the constrained form that the value takes, such as `SimpleQuantity`.
    """

    name: str
    type: str
    min: int = 0
    max: int | None = 1
    choice_of: str | None = None
    targets: tuple[str, ...] = ()
    profile: str | None = None
    binding: Binding | None = None
    is_modifier: bool = False
    is_summary: bool = False
    is_xml_attribute: bool = False
    invariants: tuple[Invariant, ...] = ()

    @property
    def is_list(self) -> bool:
        """True where JSON has an array, whatever its length."""
        return self.max is None or self.max > 1


@dataclass(frozen=True, slots=True, eq=False)
class TypeDefinition:
    """A resource, data type, primitive or backbone element.

    `elements` are in the order of the definition, by JSON property. `choices` are the elements of
    each choice, by its FHIRPath name. `invariants` are those declared here, not the inherited
    ones. `pattern` and `system_type` (the FHIRPath type of the value) are for primitives.
    """

    name: str
    kind: Kind
    base: str | None
    abstract: bool
    elements: Mapping[str, Element]
    choices: Mapping[str, tuple[Element, ...]]
    invariants: tuple[Invariant, ...]
    pattern: str | None
    system_type: str | None


class Component(Struct, frozen=True, gc=False):
    """One part of a composite search parameter: the URL of its definition, and where it looks."""

    definition: str
    expression: str


class SearchParameter(Struct, frozen=True, omit_defaults=True, gc=False, rename="camel"):
    """https://hl7.org/fhir/R4/searchparameter.html, as published.

    `multiple_or` and `multiple_and` are None where the definition does not say.
    """

    url: str
    name: str
    code: str
    type: str
    base: tuple[str, ...]
    expression: str | None = None
    target: tuple[str, ...] = ()
    component: tuple[Component, ...] = ()
    comparator: tuple[str, ...] = ()
    modifier: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    multiple_or: bool | None = None
    multiple_and: bool | None = None


class Compartment(Struct, frozen=True, gc=False):
    """https://hl7.org/fhir/R4/compartmentdefinition.html.

    `parameters` are the search parameters, by resource type, that put a resource into it.
    """

    url: str
    code: str
    parameters: dict[str, tuple[str, ...]]


class OperationParameter(Struct, frozen=True, omit_defaults=True, gc=False, rename="camel"):
    """One parameter of an operation; `max` is None where there is no limit."""

    name: str
    use: str
    min: int = 0
    max: int | None = 1
    type: str | None = None
    search_type: str | None = None
    targets: tuple[str, ...] = ()
    binding: Binding | None = None
    part: tuple["OperationParameter", ...] = ()


class OperationDefinition(Struct, frozen=True, omit_defaults=True, gc=False, rename="camel"):
    """https://hl7.org/fhir/R4/operationdefinition.html: what can be called, and on what level."""

    url: str
    code: str
    kind: str
    resource: tuple[str, ...]
    system: bool = False
    type: bool = False
    instance: bool = False
    parameter: tuple[OperationParameter, ...] = ()


class Labels(Struct, frozen=True, gc=False):
    """The words that R4 has for its parts; no rule of the server depends on them.

    `statuses` of the types by name, the short labels of `elements` by path where they are not
    those of the base type, what `invariants` demand by expression, `names` of operations and
    compartments by URL.
    """

    statuses: dict[str, str]
    elements: dict[str, str]
    invariants: dict[str, str]
    names: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Definitions:
    """Everything of R4 that the server is driven by; one is the same as itself only."""

    types: Mapping[str, TypeDefinition]
    search_parameters: tuple[SearchParameter, ...]
    compartments: Mapping[str, Compartment]
    operations: tuple[OperationDefinition, ...]
    value_sets: Mapping[str, Mapping[str, frozenset[str]]]
    special_value_sets: frozenset[str]
    resource_types: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        concrete = (
            definition.name
            for definition in self.types.values()
            if definition.kind == "resource" and not definition.abstract
        )
        object.__setattr__(self, "resource_types", frozenset(concrete))

    def codes(self, value_set_url: str) -> Mapping[str, frozenset[str]] | None:
        """Return the codes of a required value set by code system; None if it is not closed."""
        return self.value_sets.get(value_set_url.partition("|")[0])

    def lineage(self, type_name: str) -> Iterator[TypeDefinition]:
        """Yield the type and then what it specializes, up to Resource or Element."""
        name: str | None = type_name
        while name is not None:
            definition = self.types[name]
            yield definition
            name = definition.base

    def invariants(self, type_name: str) -> tuple[Invariant, ...]:
        """Return the invariants of a type, those of its bases included."""
        return tuple(rule for each in self.lineage(type_name) for rule in each.invariants)
