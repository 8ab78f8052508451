"""Search parameters, operations and compartments of R4 core as resources.

https://hl7.org/fhir/R4/searchparameter.html, https://hl7.org/fhir/R4/operationdefinition.html and
https://hl7.org/fhir/R4/compartmentdefinition.html
"""

from collections.abc import Iterable

from psolink.definitions import (
    Compartment,
    Labels,
    OperationDefinition,
    OperationParameter,
    SearchParameter,
)
from psolink.definitions.model import Binding
from psolink.fhir_json import JsonObject

CORE = "http://hl7.org/fhir/StructureDefinition/"
VERSION = "4.0.1"
PUBLISHER = "HL7 International"
_LONGEST_ID = 64


def search_parameter(definition: SearchParameter) -> JsonObject:
    """Return the SearchParameter resource."""
    where = ", ".join(definition.base)
    return present(
        {
            **_head("SearchParameter", definition.url, definition.name),
            "description": f"The search parameter {definition.code} of {where}.",
            "code": definition.code,
            "base": definition.base,
            "type": definition.type,
            "expression": definition.expression,
            "target": definition.target,
            "multipleOr": definition.multiple_or,
            "multipleAnd": definition.multiple_and,
            "comparator": definition.comparator,
            "modifier": definition.modifier,
            "chain": definition.chain,
            "component": [
                {"definition": each.definition, "expression": each.expression}
                for each in definition.component
            ],
        }
    )


def operation_definition(definition: OperationDefinition, labels: Labels) -> JsonObject:
    """Return the OperationDefinition resource."""
    return present(
        {
            **_head("OperationDefinition", definition.url, labels.names[definition.url]),
            "kind": definition.kind,
            "code": definition.code,
            "resource": definition.resource,
            "system": definition.system,
            "type": definition.type,
            "instance": definition.instance,
            "parameter": [_parameter(each) for each in definition.parameter],
        }
    )


def compartment_definition(
    definition: Compartment, resource_types: Iterable[str], labels: Labels
) -> JsonObject:
    """Return the CompartmentDefinition resource: every resource type, in the compartment or not."""
    return {
        **_head("CompartmentDefinition", definition.url, labels.names[definition.url]),
        "code": definition.code,
        "search": True,
        "resource": [
            present({"code": name, "param": definition.parameters.get(name, ())})
            for name in sorted(resource_types)
        ],
    }


def binding_element(binding: Binding) -> JsonObject:
    """Return what a binding has in common, wherever it is."""
    return {"strength": binding.strength, "valueSet": binding.value_set}


def profiles(targets: Iterable[str]) -> list[str]:
    """Return the canonical URLs of types."""
    return [f"{CORE}{name}" for name in targets]


def present(element: JsonObject) -> JsonObject:
    """Return the element without what is empty, its tuples as JSON has them."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in element.items()
        if value is not None and value not in ((), [])
    }


def logical_id(url: str) -> str:
    """Return the logical id of a definition of R4; one is longer than an id may be, and is cut."""
    return url.rpartition("/")[2][:_LONGEST_ID]


def _head(resource_type: str, url: str, name: str) -> JsonObject:
    return {
        "resourceType": resource_type,
        "id": logical_id(url),
        "url": url,
        "version": VERSION,
        "name": name,
        "status": "draft",
        "experimental": False,
        "publisher": PUBLISHER,
    }


def _parameter(parameter: OperationParameter) -> JsonObject:
    return present(
        {
            "name": parameter.name,
            "use": parameter.use,
            "min": parameter.min,
            "max": "*" if parameter.max is None else str(parameter.max),
            "type": parameter.type,
            "targetProfile": profiles(parameter.targets),
            "searchType": parameter.search_type,
            "binding": parameter.binding and binding_element(parameter.binding),
            "part": [_parameter(each) for each in parameter.part],
        }
    )
