"""Where a resource refers to others."""

import pytest

from psolink.definitions.literal_references import literal_references

PLACES = {
    "an element": ({"subject": {"reference": "P/1"}}, "Observation.subject"),
    "one of several": (
        {"performer": [{"display": "x"}, {"reference": "P/1"}]},
        "Observation.performer[1]",
    ),
    "inside a data type": (
        {"identifier": [{"assigner": {"reference": "P/1"}}]},
        "Observation.identifier[0].assigner",
    ),
    "an extension": (
        {"extension": [{"url": "x", "valueReference": {"reference": "P/1"}}]},
        "Observation.extension[0].valueReference",
    ),
    "an extension of a primitive element": (
        {"_status": {"extension": [{"url": "x", "valueReference": {"reference": "P/1"}}]}},
        "Observation._status.extension[0].valueReference",
    ),
    "what it contains": (
        {"contained": [{"resourceType": "Patient", "managingOrganization": {"reference": "P/1"}}]},
        "Observation.contained[0].managingOrganization",
    ),
}


@pytest.fixture
def found(definitions):
    return lambda resource: list(literal_references(definitions.types, resource))


@pytest.mark.parametrize(("elements", "path"), PLACES.values(), ids=PLACES)
def test_a_reference_is_found_with_its_place(found, elements, path):
    assert found({"resourceType": "Observation"} | elements) == [(path, "P/1")]


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param({"resourceType": "Nothing", "subject": {"reference": "P/1"}}, id="no type"),
        pytest.param({"subject": {"reference": "P/1"}}, id="without a type"),
        pytest.param({"resourceType": ["Patient"]}, id="a type that is no name"),
        pytest.param(
            {
                "resourceType": "Bundle",
                "entry": [{"resource": {"resourceType": "Task", "for": {"reference": "P/1"}}}],
            },
            id="a resource in a Bundle, which refers for itself",
        ),
        pytest.param(
            {
                "resourceType": "List",
                "contained": [
                    {
                        "resourceType": "Bundle",
                        "entry": [
                            {"resource": {"resourceType": "Task", "for": {"reference": "P/1"}}}
                        ],
                    }
                ],
            },
            id="a resource in a Bundle that is contained",
        ),
        pytest.param({"resourceType": "Patient", "": {"a": 1}}, id="an element without a name"),
        pytest.param({"resourceType": "Patient", "name": [{"": [{}]}]}, id="the same further in"),
        pytest.param(
            {"resourceType": "Observation", "code": {"text": "P/1"}, "reference": "P/1"},
            id="what only looks like one",
        ),
    ],
)
def test_nothing_else_is_a_reference(found, resource):
    assert found(resource) == []
