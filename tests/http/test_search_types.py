"""Search types and modifiers as a client meets them."""

import pytest
from tests.builders import adverse_event, identifier, patient

from psolink.fhir_json import JsonObject

PRIORITIES = {
    "resourceType": "CodeSystem",
    "url": "urn:example:wards",
    "status": "active",
    "content": "complete",
    "hierarchyMeaning": "is-a",
    "concept": [{"code": "icu", "concept": [{"code": "picu"}]}, {"code": "er"}],
}
CRITICAL = {
    "resourceType": "ValueSet",
    "url": "urn:example:critical",
    "status": "active",
    "compose": {
        "include": [
            {
                "system": "urn:example:wards",
                "filter": [{"property": "concept", "op": "is-a", "value": "icu"}],
            }
        ]
    },
}


def tagged(code: str) -> JsonObject:
    return patient(meta={"tag": [{"system": "urn:example:wards", "code": code}]})


@pytest.fixture(scope="module")
def wards(actors):
    hospital = actors["hospital-a"]
    hospital.create(PRIORITIES)
    value_set = hospital.create(CRITICAL)
    codes = ("icu", "picu", "er")
    return value_set["id"], {code: hospital.create(tagged(code))["id"] for code in codes}


def found(actor, path: str) -> set[str]:
    bundle = actor.get(path).get_json()
    return {each["resource"]["id"] for each in bundle.get("entry", [])}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("_tag:in=urn:example:critical", {"icu", "picu"}),
        ("_tag:in=ValueSet/{id}", {"icu", "picu"}),
        ("_tag:not-in=ValueSet/{id}&_tag=urn:example:wards|", {"er"}),
        ("_tag:below=urn:example:wards|icu", {"icu", "picu"}),
        ("_tag:above=urn:example:wards|picu", {"icu", "picu"}),
        ("_tag:not=urn:example:wards|er&_tag:missing=false", {"icu", "picu"}),
    ],
)
def test_codes_are_looked_up_in_what_the_client_stored(actors, wards, criteria, expected):
    value_set, ids = wards
    hits = found(actors["hospital-a"], f"/Patient?{criteria.format(id=value_set)}")
    assert {code for code, id_ in ids.items() if id_ in hits} == expected


LISTED = {
    "resourceType": "ValueSet",
    "url": "urn:example:listed",
    "status": "active",
    "compose": {"include": [{"system": "urn:example:wards", "concept": [{"code": "icu"}]}]},
}


@pytest.fixture(scope="module")
def listed(actors):
    return actors["hospital-a"].create(LISTED)["id"]


@pytest.mark.parametrize("name", ["urn:example:listed", "ValueSet/{id}"])
def test_a_stored_value_set_that_lists_its_codes_needs_no_code_system(actors, listed, name):
    answer = actors["hospital-a"].get(f"/Patient?_tag:in={name.format(id=listed)}")
    assert answer.status_code == 200


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
@pytest.mark.parametrize("name", ["urn:example:listed", "ValueSet/{id}"])
def test_nobody_else_can_tell_what_is_in_a_stored_value_set(actors, listed, actor, name):
    asked = name.format(id=listed)
    unheard = f"{asked[:-1]}{'0' if asked[-1] != '0' else '1'}"
    one, other = (actors[actor].get(f"/Patient?_tag:in={each}") for each in (asked, unheard))
    assert one.status_code == other.status_code == 400
    assert one.text.replace(asked, unheard) == other.text


def test_below_a_code_of_somebody_elses_system_nothing_is_known(actors, wards):
    answer = actors["hospital-b"].get("/Patient?_tag:below=urn:example:wards|icu")
    assert answer.status_code == 400
    assert "not known here" in answer.get_json()["issue"][0]["diagnostics"]


def test_quantities_keep_their_digits_on_the_way(actors):
    hospital = actors["hospital-a"]
    value = {"value": 5.40, "system": "http://unitsofmeasure.org", "code": "mmol/L"}
    created = hospital.create(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "15074-8"}]},
            "valueQuantity": value,
        }
    )
    for criteria in (
        "value-quantity=5400|http://unitsofmeasure.org|umol/L",
        "code-value-quantity=15074-8$gt5.3||mmol/L",
        "value-quantity=ap5.5",
        "value-quantity=ge5.4&value-quantity=le5.4",
    ):
        assert created["id"] in found(hospital, f"/Observation?{criteria}"), criteria
    assert created["id"] not in found(hospital, "/Observation?value-quantity=gt5.4")


@pytest.mark.parametrize(
    ("criteria", "advice"),
    [
        (
            "gender:sounds=male",
            "It has :above, :below, :in, :missing, :not, :not-in, :of-type, :text",
        ),
        ("gender:missing=maybe", "true or false"),
        ("name:exact=", "a value is expected"),
        ("general-practitioner:Patient=1", "Organization or Practitioner"),
        ("gender:in=urn:unheard", "urn:unheard is not held here"),
    ],
)
@pytest.mark.parametrize("handling", ["strict", "lenient"])
def test_a_modifier_or_value_that_does_not_fit_is_refused(actors, criteria, advice, handling):
    answer = actors["hospital-a"].get(f"/Patient?{criteria}", Prefer=f"handling={handling}")
    assert answer.status_code == 400
    assert advice in answer.get_json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("criteria", ["actuality:not=potential", "_security:missing=false"])
def test_a_negation_finds_nothing_of_others(actors, criteria):
    created = actors["hospital-a"].create(adverse_event(identifier=identifier("negated")))
    for actor in ("hospital-b", "pso-q", "outsider"):
        assert created["id"] not in found(actors[actor], f"/AdverseEvent?{criteria}")


def place(latitude: float, longitude: float) -> JsonObject:
    position = {"latitude": latitude, "longitude": longitude}
    return {"resourceType": "Location", "position": position}


def test_a_location_is_found_by_its_distance_and_by_nobody_else(actors):
    hospital = actors["hospital-a"]
    near, far = (hospital.create(place(42.26, each))["id"] for each in (-71.80, -70.80))
    asked = "near=42.26|-71.8|10|km"
    assert found(hospital, f"/Location?{asked}") & {near, far} == {near}
    assert hospital.get(f"/Location?{asked}&_summary=count").get_json()["total"] == 1
    event = hospital.create(adverse_event(location={"reference": f"Location/{near}"}))["id"]
    assert event in found(hospital, f"/AdverseEvent?location.{asked}")
    for actor in ("hospital-b", "pso-p", "outsider"):
        assert found(actors[actor], f"/Location?{asked}") == set()


def test_words_are_found_only_in_what_the_client_may_see(actors):
    created = actors["hospital-a"].create(adverse_event(event={"text": "Slipped on the terrazzo"}))
    assert created["id"] in found(actors["hospital-a"], "/AdverseEvent?_content=terraz*")
    for actor in ("hospital-b", "pso-p", "outsider"):
        assert found(actors[actor], "/AdverseEvent?_content=terraz*") == set()
