"""Search parameters, compartments and operations from their definitions."""

from collections.abc import Iterable

from psolink.definitions.model import (
    Compartment,
    Component,
    OperationDefinition,
    OperationParameter,
    SearchParameter,
)
from psolink.definitions.patches import NOT_OF_R4, mend_expression
from psolink.definitions.structures import element_binding, targets
from psolink.fhir_json import JsonObject


def read_search_parameters(definitions: Iterable[JsonObject]) -> list[SearchParameter]:
    """Return the search parameters that have a base, by code and URL."""
    found = _of_type("SearchParameter", definitions)
    parameters = (_search_parameter(each) for each in found if "base" in each)
    return sorted(parameters, key=lambda each: (each.code, each.url))


def read_compartments(definitions: Iterable[JsonObject]) -> list[Compartment]:
    """Return the compartments by code."""
    found = map(_compartment, _of_type("CompartmentDefinition", definitions))
    return sorted(found, key=lambda each: each.code)


def read_operations(definitions: Iterable[JsonObject]) -> list[OperationDefinition]:
    """Return the operations by URL."""
    found = map(_operation, _of_type("OperationDefinition", definitions))
    return sorted(found, key=lambda each: each.url)


def _of_type(resource_type: str, definitions: Iterable[JsonObject]) -> list[JsonObject]:
    return [
        each
        for each in definitions
        if each["resourceType"] == resource_type and each["url"] not in NOT_OF_R4
    ]


def _search_parameter(definition: JsonObject) -> SearchParameter:
    expression = definition.get("expression")
    return SearchParameter(
        url=definition["url"],
        name=definition["name"],
        code=definition["code"],
        type=definition["type"],
        base=tuple(definition["base"]),
        expression=expression and mend_expression(expression),
        target=tuple(definition.get("target", ())),
        component=tuple(map(_component, definition.get("component", ()))),
        comparator=tuple(definition.get("comparator", ())),
        modifier=tuple(definition.get("modifier", ())),
        chain=tuple(definition.get("chain", ())),
        multiple_or=definition.get("multipleOr"),
        multiple_and=definition.get("multipleAnd"),
    )


def _component(component: JsonObject) -> Component:
    return Component(component["definition"], mend_expression(component["expression"]))


def _compartment(definition: JsonObject) -> Compartment:
    parameters = {
        each["code"]: tuple(each["param"]) for each in definition["resource"] if "param" in each
    }
    return Compartment(definition["url"], definition["code"], dict(sorted(parameters.items())))


def _operation(definition: JsonObject) -> OperationDefinition:
    return OperationDefinition(
        url=definition["url"],
        code=definition["code"],
        kind=definition["kind"],
        resource=tuple(definition["resource"]),
        system=definition["system"],
        type=definition["type"],
        instance=definition["instance"],
        parameter=tuple(map(_parameter, definition["parameter"])),
    )


def _parameter(parameter: JsonObject) -> OperationParameter:
    return OperationParameter(
        name=parameter["name"],
        use=parameter["use"],
        min=parameter["min"],
        max=None if parameter["max"] == "*" else int(parameter["max"]),
        type=parameter.get("type"),
        search_type=parameter.get("searchType"),
        targets=targets(parameter.get("targetProfile", ())),
        binding=element_binding(parameter),
        part=tuple(map(_parameter, parameter.get("part", ()))),
    )
