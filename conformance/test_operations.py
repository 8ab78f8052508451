"""Operations of the specification: https://hl7.org/fhir/R4/operationslist.html

What each must give, and what it must refuse or leave out.
"""

from typing import Any
from uuid import uuid4

import pytest

TAGS = "urn:psolink:conformance:operations"
GENDER = "http://hl7.org/fhir/administrative-gender"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"


def stored(actor, resource_type: str, **content: Any) -> str:
    """Store a resource and return its reference."""
    resource = {"resourceType": resource_type} | content
    answer = actor.send("POST", f"/{resource_type}", resource)
    assert answer.status_code == 201, answer.text
    return f"{resource_type}/{answer.json()['id']}"


def observation(actor, subject: str, code: str = "pulse", **content: Any) -> str:
    coding = {"system": "urn:psolink:conformance:codes", "code": code}
    content |= {"code": {"coding": [coding]}, "subject": {"reference": subject}}
    return stored(actor, "Observation", status="final", **content)


def composition(actor, subject: str, *entries: str) -> str:
    return stored(
        actor,
        "Composition",
        status="final",
        type={"text": "discharge"},
        date="2020-03-04",
        title="Discharge",
        subject={"reference": subject},
        author=[{"reference": subject}],
        section=[{"title": "Findings", "entry": [{"reference": each} for each in entries]}],
    )


def references(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    found = [each["resource"] for each in answer.json().get("entry", ())]
    return [f"{each['resourceType']}/{each['id']}" for each in found]


def parameters(answer) -> dict[str, Any]:
    """Return the named values of Parameters, the first of each name."""
    assert answer.status_code == 200, answer.text
    named: dict[str, Any] = {}
    for each in answer.json()["parameter"]:
        values = [value for name, value in each.items() if name.startswith("value")]
        named.setdefault(each["name"], values[0] if values else None)
    return named


def severities(answer) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {each["severity"] for each in answer.json()["issue"]}


def refused(answer, *allowed: int) -> None:
    assert answer.status_code in allowed, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/$unheard"), ("POST", "/Patient/$unheard"), ("GET", "/Patient/1/$unheard")],
)
def test_an_unknown_operation_is_refused(hospital, method, path):
    refused(hospital.send(method, path), 400, 404, 405, 501)


# https://hl7.org/fhir/R4/patient-operation-everything.html


def test_everything_has_the_patient_and_what_refers_to_it_and_nothing_of_another(hospital):
    subject, other = (stored(hospital, "Patient") for _ in range(2))
    seen = observation(hospital, subject)
    observation(hospital, other)
    found = references(hospital.send("GET", f"/{subject}/$everything"))
    assert sorted(found) == sorted([subject, seen])


def test_everything_has_what_its_resources_refer_to(hospital):
    organization = stored(hospital, "Organization", name="Ward")
    subject = stored(hospital, "Patient", managingOrganization={"reference": organization})
    assert organization in references(hospital.send("GET", f"/{subject}/$everything"))


@pytest.mark.parametrize(
    ("asked", "is_early_there", "is_late_there"),
    [
        pytest.param("start=2020-01-01", False, True, id="from a day on"),
        pytest.param("end=2020-01-01", True, False, id="until a day"),
        pytest.param("start=2010&end=2030", True, True, id="between both"),
        pytest.param("_type=Encounter", False, False, id="another type"),
        pytest.param("_type=Observation", True, True, id="its type"),
        pytest.param("_since=2100-01-01T00:00:00Z", False, False, id="since a later time"),
    ],
)
def test_everything_is_narrowed(hospital, asked, is_early_there, is_late_there):
    subject = stored(hospital, "Patient")
    early = observation(hospital, subject, effectiveDateTime="2015-05-05")
    late = observation(hospital, subject, effectiveDateTime="2025-05-05")
    found = references(hospital.send("GET", f"/{subject}/$everything?{asked}"))
    assert (early in found, late in found) == (is_early_there, is_late_there)


def test_everything_comes_in_pages(hospital):
    subject = stored(hospital, "Patient")
    expected = {subject, *(observation(hospital, subject) for _ in range(5))}
    answer, found = hospital.send("GET", f"/{subject}/$everything?_count=2"), []
    while True:
        found += references(answer)
        links = {each["relation"]: each["url"] for each in answer.json().get("link", ())}
        if "next" not in links:
            break
        answer = hospital.follow(links["next"])
    assert sorted(found) == sorted(expected)


def test_everything_of_what_another_organization_stores_does_not_exist(hospital, rival):
    subject = stored(hospital, "Patient")
    refused(rival.send("GET", f"/{subject}/$everything"), 404)


# https://hl7.org/fhir/R4/encounter-operation-everything.html


def test_everything_of_an_encounter_has_what_refers_to_it(hospital):
    subject = stored(hospital, "Patient")
    content = {"status": "finished", "class": {"code": "IMP"}, "subject": {"reference": subject}}
    stay = stored(hospital, "Encounter", **content)
    within = observation(hospital, subject, encounter={"reference": stay})
    without = observation(hospital, subject)
    found = references(hospital.send("GET", f"/{stay}/$everything"))
    assert {stay, within} <= set(found)
    assert without not in found


# https://hl7.org/fhir/R4/composition-operation-document.html


def test_a_document_begins_with_its_composition_and_has_what_that_refers_to(hospital):
    subject = stored(hospital, "Patient")
    seen, unseen = observation(hospital, subject), observation(hospital, subject)
    letter = composition(hospital, subject, seen)
    answer = hospital.send("GET", f"/{letter}/$document")
    found = references(answer)
    assert answer.json()["type"] == "document"
    assert found[0] == letter
    assert {subject, seen} <= set(found)
    assert unseen not in found


def test_a_document_of_an_unknown_composition_is_404(hospital):
    refused(hospital.send("GET", "/Composition/unknown/$document"), 404)


# https://hl7.org/fhir/R4/observation-operation-lastn.html


@pytest.mark.parametrize(
    ("most", "expected"), [("", {2, 3}), ("&max=2", {1, 2, 3}), ("&max=5", {0, 1, 2, 3})]
)
def test_lastn_gives_the_latest_of_each_code(hospital, most, expected):
    subject = stored(hospital, "Patient")
    made = [("pulse", "2020-01-01"), ("pulse", "2020-01-02"), ("pulse", "2020-01-03")]
    made.append(("weight", "2019-01-01"))
    seen = [observation(hospital, subject, code, effectiveDateTime=day) for code, day in made]
    answer = hospital.send("GET", f"/Observation/$lastn?patient={subject}{most}")
    assert set(references(answer)) == {seen[number] for number in expected}


# https://hl7.org/fhir/R4/resource-operation-meta.html


def test_meta_is_read_added_to_and_deleted_from(hospital):
    subject, code = stored(hospital, "Patient", active=True), str(uuid4())
    tag = {"system": TAGS, "code": code}
    sent = {
        "resourceType": "Parameters",
        "parameter": [{"name": "meta", "valueMeta": {"tag": [tag]}}],
    }
    for operation, is_there in (("$meta-add", True), ("$meta-delete", False)):
        done = parameters(hospital.send("POST", f"/{subject}/{operation}", sent))["return"]
        read = parameters(hospital.send("GET", f"/{subject}/$meta"))["return"]
        assert (tag in done.get("tag", ()), tag in read.get("tag", ())) == (is_there, is_there)
        found = references(hospital.send("GET", f"/Patient?_tag={TAGS}|{code}"))
        assert found == ([subject] if is_there else [])
    assert hospital.send("GET", f"/{subject}").json()["active"] is True


def test_meta_is_not_changed_by_a_read(hospital):
    subject = stored(hospital, "Patient")
    refused(hospital.send("GET", f"/{subject}/$meta-add"), 400, 405)


# https://hl7.org/fhir/R4/resource-operation-validate.html


@pytest.mark.parametrize(
    ("content", "is_valid"),
    [
        pytest.param({"gender": "male"}, True, id="valid"),
        pytest.param({"gender": "odd"}, False, id="a code outside its value set"),
        pytest.param({"birthDate": "2020-02-30"}, False, id="a day that does not exist"),
        pytest.param({"shoeSize": 44}, False, id="an element that does not exist"),
    ],
)
def test_validate_tells_and_does_not_store(hospital, content, is_valid):
    value = str(uuid4())
    identifier = [{"system": TAGS, "value": value}]
    sent = {"resourceType": "Patient", "identifier": identifier} | content
    said = severities(hospital.send("POST", "/Patient/$validate", sent))
    assert said.isdisjoint({"error", "fatal"}) is is_valid
    assert hospital.send("GET", f"/Patient?identifier={TAGS}|{value}").json()["total"] == 0


# https://hl7.org/fhir/R4/terminology-service.html


def test_a_value_set_is_expanded_and_filtered(hospital):
    whole = hospital.send("GET", f"/ValueSet/$expand?url={GENDERS}").json()["expansion"]
    part = hospital.send("GET", f"/ValueSet/$expand?url={GENDERS}&filter=fem").json()["expansion"]
    codes = {each["code"] for each in whole["contains"]}
    assert codes == {"female", "male", "other", "unknown"}
    assert [each["code"] for each in part["contains"]] == ["female"]


def test_an_unknown_value_set_is_refused(hospital):
    refused(hospital.send("GET", "/ValueSet/$expand?url=http://unknown.example/set"), 404, 422)


@pytest.mark.parametrize(("code", "is_in"), [("male", True), ("odd", False)])
def test_a_code_is_in_a_value_set_or_not(hospital, code, is_in):
    asked = f"url={GENDERS}&system={GENDER}&code={code}"
    said = parameters(hospital.send("GET", f"/ValueSet/$validate-code?{asked}"))
    assert said["result"] is is_in


def test_a_code_is_looked_up(hospital):
    said = parameters(hospital.send("GET", f"/CodeSystem/$lookup?system={GENDER}&code=male"))
    assert said["display"] == "Male"
    refused(hospital.send("GET", f"/CodeSystem/$lookup?system={GENDER}&code=odd"), 404, 422)


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("male", "male", "equivalent"),
        ("male", "female", "not-subsumed"),
    ],
)
def test_one_code_subsumes_another_or_not(hospital, one, other, outcome):
    asked = f"system={GENDER}&codeA={one}&codeB={other}"
    said = parameters(hospital.send("GET", f"/CodeSystem/$subsumes?{asked}"))
    assert said["outcome"] == outcome
