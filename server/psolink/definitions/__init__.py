"""FHIR R4 as tables: types, codes, search parameters, compartments and operations."""

from psolink.definitions.loader import DefinitionsMissing, load_definitions, load_labels
from psolink.definitions.model import (
    Binding,
    Compartment,
    Component,
    Definitions,
    Element,
    Invariant,
    Kind,
    Labels,
    OperationDefinition,
    OperationParameter,
    SearchParameter,
    TypeDefinition,
)

__all__ = [
    "Binding",
    "Compartment",
    "Component",
    "Definitions",
    "DefinitionsMissing",
    "Element",
    "Invariant",
    "Kind",
    "Labels",
    "OperationDefinition",
    "OperationParameter",
    "SearchParameter",
    "TypeDefinition",
    "load_definitions",
    "load_labels",
]
