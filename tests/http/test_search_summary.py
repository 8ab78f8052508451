"""https://hl7.org/fhir/R4/search.html#summary and https://hl7.org/fhir/R4/search.html#elements"""

import pytest
from tests.builders import identifier
from tests.http.conftest import assert_refused

OBSERVATION = {
    "resourceType": "Observation",
    "meta": {"tag": [{"system": "urn:x", "code": "kept"}]},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "identifier": [identifier("o", "urn:summary")],
    "status": "final",
    "code": {"text": "pulse"},
    "valueQuantity": {"value": 71},
    "note": [{"text": "long"}],
    "component": [
        {"code": {"text": "part"}, "valueString": "x", "referenceRange": [{"text": "none"}]}
    ],
}
HEAD = {"resourceType", "id", "meta"}
MANDATORY = {"status", "code"}


@pytest.fixture(scope="module")
def observation(actors):
    return actors["hospital-a"].create(OBSERVATION)


CASES = [
    ("_summary=true", {"identifier", "valueQuantity", "component"}),
    ("_summary=text", {"text"}),
    ("_summary=data", {"identifier", "valueQuantity", "component", "note"}),
    ("_elements=note", {"note"}),
    ("_elements=value,identifier", {"valueQuantity", "identifier"}),
    ("_elements=Observation.note,Patient.name", {"note"}),
    ("_elements=note&_elements=identifier", {"note", "identifier"}),
]


def is_subsetted(resource):
    return "SUBSETTED" in [each["code"] for each in resource["meta"].get("tag", [])]


@pytest.mark.parametrize(("asked", "elements"), CASES)
@pytest.mark.parametrize("level", ["type", "instance"])
def test_a_part_is_given_and_marked_as_one(hospital, observation, asked, elements, level):
    if level == "type":
        bundle = hospital.get(f"/Observation?identifier=urn:summary|&{asked}").get_json()
        resource = bundle["entry"][0]["resource"]
        assert asked.replace(",", "%2C") in bundle["link"][0]["url"]
    else:
        resource = hospital.get(f"/Observation/{observation['id']}?{asked}").get_json()
    assert resource.keys() == HEAD | MANDATORY | elements
    assert is_subsetted(resource)
    assert "kept" in [each["code"] for each in resource["meta"]["tag"]]


def test_a_summary_leaves_out_what_is_inside_of_elements(hospital, observation):
    resource = hospital.get(f"/Observation/{observation['id']}?_summary=true").get_json()
    assert resource["component"] == [{"code": {"text": "part"}, "valueString": "x"}]


def test_no_summary_is_the_whole(hospital, observation):
    resource = hospital.get(f"/Observation/{observation['id']}?_summary=false").get_json()
    assert resource == observation
    assert not is_subsetted(resource)


def test_what_is_stored_is_not_marked(hospital, observation):
    hospital.get(f"/Observation/{observation['id']}?_summary=true")
    assert hospital.get(f"/Observation/{observation['id']}").get_json() == observation


@pytest.mark.parametrize(
    "path",
    [
        "/Observation?_summary=true&_elements=note",
        "/Observation/{id}?_summary=count",
        "/Observation/{id}?_elements=",
        "/Observation/{id}?_summary=short",
    ],
)
def test_a_part_that_cannot_be_is_refused(hospital, observation, path):
    assert_refused(hospital.get(path.format(id=observation["id"])), 400, "invalid")
