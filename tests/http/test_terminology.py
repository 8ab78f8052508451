"""Terminology operations: https://hl7.org/fhir/R4/terminology-service.html"""

import pytest
from tests.http.conftest import assert_refused

GENDER = "http://hl7.org/fhir/administrative-gender"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


def parameter(answer, name):
    assert answer.status_code == 200, answer.text
    [found] = [each for each in answer.get_json()["parameter"] if each["name"] == name]
    return next(value for key, value in found.items() if key.startswith("value"))


def parameters(**values):
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name} | value for name, value in values.items()],
    }


def test_expand_lists_the_codes_of_a_value_set(hospital):
    answer = hospital.get(f"/ValueSet/$expand?url={GENDERS}")
    codes = [each["code"] for each in answer.get_json()["expansion"]["contains"]]
    assert sorted(codes) == ["female", "male", "other", "unknown"]


def test_expand_takes_its_parameters_by_post_and_by_get(hospital):
    asked = parameters(url={"valueUri": GENDERS}, count={"valueInteger": 2})
    posted = hospital.post("/ValueSet/$expand", asked).get_json()["expansion"]["contains"]
    got = hospital.get(f"/ValueSet/$expand?url={GENDERS}&count=2").get_json()["expansion"]
    assert posted == got["contains"]
    assert len(posted) == 2


@pytest.mark.parametrize(("code", "is_in"), [("female", True), ("woman", False)])
def test_validate_code_says_whether_a_code_is_in_a_value_set(hospital, code, is_in):
    query = f"url={GENDERS}&system={GENDER}&code={code}"
    assert parameter(hospital.get(f"/ValueSet/$validate-code?{query}"), "result") is is_in
    query = f"url={GENDER}&code={code}"
    assert parameter(hospital.get(f"/CodeSystem/$validate-code?{query}"), "result") is is_in


def test_lookup_gives_the_display(hospital):
    answer = hospital.get(f"/CodeSystem/$lookup?system={GENDER}&code=female")
    assert parameter(answer, "display") == "Female"


def test_subsumes_tells_the_relation(hospital):
    query = f"system={REASON}&codeA=PurposeOfUse&codeB=TREAT"
    assert parameter(hospital.get(f"/CodeSystem/$subsumes?{query}"), "outcome") == "subsumes"


def test_translate_answers_for_a_concept_map_of_r4(hospital):
    query = (
        f"system={GENDER}&code=male&url=http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v3"
    )
    assert parameter(hospital.get(f"/ConceptMap/$translate?{query}"), "result") is True


def test_our_own_codes_are_known(hospital):
    system = "https://psolink.example/fhir/CodeSystem/pswp-designation"
    answer = hospital.get(f"/CodeSystem/$lookup?system={system}&code=undetermined")
    assert parameter(answer, "display")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/ValueSet/$expand?url=urn:unknown", 404, "not-found", id="a value set"),
        pytest.param(f"/ValueSet/$expand?url={GENDERS}&count=x", 400, "invalid", id="a count"),
        pytest.param(f"/ValueSet/$expand?url={GENDERS}&unheard=1", 400, "invalid", id="a name"),
        pytest.param("/ValueSet/$expand?valueSet=x", 400, "invalid", id="a resource in a query"),
        pytest.param(
            "/CodeSystem/$lookup?system=urn:unknown&code=x", 404, "not-found", id="a system"
        ),
        pytest.param("/ValueSet/$unheard", 404, "not-found", id="an operation"),
        pytest.param("/QuestionnaireResponse/$extract", 405, "not-supported", id="a GET"),
    ],
)
def test_what_is_not_known_is_refused(hospital, path, status, code):
    answer = hospital.get(path)
    assert answer.status_code == status, answer.text
    assert code in [each["code"] for each in answer.get_json()["issue"]]


def test_without_a_token_there_is_no_answer(app):
    assert_refused(app.test_client().get(f"/fhir/ValueSet/$expand?url={GENDERS}"), 401, "login")
