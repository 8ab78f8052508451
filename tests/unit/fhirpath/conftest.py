from collections.abc import Callable
from typing import Any

import pytest

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Compiler, Node, resource_node

PATIENT: JsonObject = {
    "resourceType": "Patient",
    "id": "ann",
    "meta": {"profile": ["http://example.org/p"]},
    "active": True,
    "identifier": [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}],
    "name": [
        {"use": "official", "family": "Bell", "given": ["Ann", None, "Sue"]}
        | {"_given": [None, {"extension": [{"url": "urn:absent", "valueCode": "masked"}]}, None]},
        {"use": "usual", "text": "Annie", "given": ["Ann"]},
    ],
    "gender": "female",
    "birthDate": "1974-12-25",
    "_birthDate": {
        "id": "b1",
        "extension": [
            {
                "url": "urn:time",
                "valueDateTime": "1974-12-25T14:35:45-05:00",
                "_valueDateTime": {"id": "t1"},
            }
        ],
    },
    "deceasedBoolean": False,
    "contained": [{"resourceType": "Organization", "id": "ward", "name": "Ward 5"}],
    "managingOrganization": {"reference": "#ward"},
    "generalPractitioner": [
        {"reference": "Practitioner/dr"},
        {"reference": "http://example.org/fhir/Organization/o/_history/2"},
        {"reference": "urn:uuid:2f1b7c1e-6b0e-4d6c-9c53-5d6a9a7f0001", "type": "PractitionerRole"},
        {"reference": "urn:uuid:2f1b7c1e-6b0e-4d6c-9c53-5d6a9a7f0002"},
    ],
    "multipleBirthInteger": 2,
}

OBSERVATION: JsonObject = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
    "effectivePeriod": {"start": "2020-01-01", "end": "2020-01-31"},
    "valueQuantity": {"value": 107.5, "unit": "kg", "code": "kg"},
    "component": [
        {"code": {"text": "a"}, "valueInteger": 1},
        {"code": {"text": "b"}, "valueString": "two"},
        {"code": {"text": "c"}, "_valueString": {"extension": [{"url": "urn:absent"}]}},
    ],
}


@pytest.fixture(scope="session")
def compiler() -> Compiler:
    return Compiler(load_definitions())


@pytest.fixture(scope="session")
def nodes(compiler: Compiler) -> Callable[..., list[Node]]:
    """Return a function that evaluates an expression, on the patient unless told otherwise."""

    def evaluate(expression: str, resource: JsonObject = PATIENT) -> list[Node]:
        return list(compiler.compile(expression)(resource_node(resource)))

    return evaluate


@pytest.fixture(scope="session")
def values(nodes: Callable[..., list[Node]]) -> Callable[..., list[Any]]:
    """Return a function that gives the values of the items that an expression finds."""

    def evaluate(expression: str, resource: JsonObject = PATIENT) -> list[Any]:
        return [node.value for node in nodes(expression, resource)]

    return evaluate


@pytest.fixture(scope="session")
def observed(values: Callable[..., list[Any]]) -> Callable[[str], list[Any]]:
    """Return a function that evaluates an expression on the observation."""
    return lambda expression: values(expression, OBSERVATION)
