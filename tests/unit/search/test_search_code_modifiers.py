"""The modifiers that ask a terminology, on the one that ships."""

import pytest

from psolink.errors import InvalidRequest, TooCostly
from psolink.search.code_modifiers import MAX_CODES
from psolink.terminology import Terminology

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
TWO_SYSTEMS = {
    "resourceType": "ValueSet",
    "url": "urn:two",
    "status": "active",
    "compose": {
        "include": [
            {"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "male"}]},
            {"system": CONFIDENTIALITY, "concept": [{"code": "R"}, {"code": "V"}]},
        ]
    },
}
EMPTY = TWO_SYSTEMS | {
    "url": "urn:empty",
    "compose": {
        "include": [{"system": CONFIDENTIALITY, "concept": [{"code": "R"}]}],
        "exclude": [{"system": CONFIDENTIALITY, "concept": [{"code": "R"}]}],
    },
}
LARGE = TWO_SYSTEMS | {
    "url": "urn:large",
    "compose": {
        "include": [
            {"system": "urn:many", "concept": [{"code": str(n)} for n in range(MAX_CODES + 1)]}
        ]
    },
}


@pytest.fixture(scope="session")
def terminology() -> Terminology:
    return Terminology.load().including([TWO_SYSTEMS, EMPTY, LARGE])


def labelled(system: str, code: str) -> dict[str, object]:
    return {"resourceType": "Patient", "meta": {"security": [{"system": system, "code": code}]}}


MALE = {"resourceType": "Patient", "gender": "male"}
FOUND = [
    (MALE, "gender:in", GENDERS, True),
    (MALE, "gender:not-in", GENDERS, False),
    (MALE, "gender:in", "urn:two", True),
    (MALE, "gender:not-in", "urn:two", False),
    (MALE | {"gender": "female"}, "gender:in", "urn:two", False),
    (MALE | {"gender": "female"}, "gender:not-in", "urn:two", True),
    ({"resourceType": "Patient"}, "gender:in", "urn:two", False),
    ({"resourceType": "Patient"}, "gender:not-in", "urn:two", True),
    (MALE, "gender:in", "urn:empty", False),
    (MALE, "gender:not-in", "urn:empty", True),
    (MALE, "gender:in", f"urn:empty,{GENDERS}", True),
    (labelled(CONFIDENTIALITY, "R"), "_security:in", "urn:two", True),
    (labelled("urn:other", "R"), "_security:in", "urn:two", False),
    (labelled(CONFIDENTIALITY, "N"), "_security:in", "urn:two", False),
    (labelled(CONFIDENTIALITY, "R"), "_security:above", f"{CONFIDENTIALITY}|R", True),
    (labelled(ACT_CODE, "AMB"), "_security:below", f"{ACT_CODE}|_ActEncounterCode", True),
    (labelled(ACT_CODE, "IMP"), "_security:below", f"{ACT_CODE}|_ActEncounterCode", True),
    (labelled(ACT_CODE, "ACUTE"), "_security:below", f"{ACT_CODE}|IMP", True),
    (labelled(ACT_CODE, "IMP"), "_security:below", f"{ACT_CODE}|ACUTE", False),
    (labelled(ACT_CODE, "IMP"), "_security:above", f"{ACT_CODE}|ACUTE", True),
    (labelled(ACT_CODE, "ACUTE"), "_security:above", f"{ACT_CODE}|IMP", False),
    (labelled("urn:other", "ACUTE"), "_security:below", f"{ACT_CODE}|IMP", False),
]


@pytest.mark.parametrize("case", FOUND)
def test_codes_are_found_by_what_the_terminology_says(finds, terminology, case):
    resource, name, value, expected = case
    assert finds(resource, name, value, code_sets=terminology) is expected


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("gender:in", "urn:unheard", "urn:unheard is not held here"),
        ("gender:not-in", "urn:unheard", "urn:unheard is not held here"),
        ("gender:in", "", "nothing"),
        ("gender:below", "male", "system|code is expected"),
        ("gender:above", "urn:unheard|male", "not known here"),
        ("_security:below", f"{ACT_CODE}|nonsense", "not known here"),
    ],
)
def test_what_the_terminology_does_not_know_is_refused_with_a_reason(
    parse, terminology, name, value, advice
):
    with pytest.raises(InvalidRequest) as failure:
        parse("Patient", (name, value), code_sets=terminology)
    assert advice in failure.value.issues[0].diagnostics


def test_a_value_set_of_too_many_codes_is_too_costly(parse, terminology):
    with pytest.raises(TooCostly):
        parse("Patient", ("gender:in", "urn:large"), code_sets=terminology)
