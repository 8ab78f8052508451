import pytest

from psolink.errors import InvalidRequest

BASE = "https://psolink.example/fhir"
UUID = "urn:uuid:2f1b7c1e-6b0e-4d6c-9c53-5d6a9a7f0001"


def event(reference: str) -> dict[str, object]:
    return {"resourceType": "AdverseEvent", "subject": {"reference": reference}}


FOUND = [
    ("Patient/1", "1", True),
    ("Patient/1", "Patient/1", True),
    ("Patient/1", f"{BASE}/Patient/1", True),
    ("Patient/1", "Group/1", False),
    ("Patient/1", "2", False),
    ("Patient/1", "https://other.example/fhir/Patient/1", False),
    ("Patient/1", "2,Patient/1", True),
    ("Patient/1/_history/3", "Patient/1", True),
    (f"{BASE}/Patient/1", "Patient/1", True),
    (f"{BASE}/Patient/1/_history/3", "1", True),
    ("https://other.example/fhir/Patient/1", "https://other.example/fhir/Patient/1", True),
    (
        "https://other.example/fhir/Patient/1/_history/2",
        "https://other.example/fhir/Patient/1",
        True,
    ),
    ("https://other.example/fhir/Patient/1", "1", False),
    ("https://other.example/fhir/Patient/1", "Patient/1", False),
    (UUID, UUID, True),
    ("#p", "p", False),
    ("Device/1", "1", False),
]


@pytest.mark.parametrize(("stored", "value", "expected"), FOUND)
def test_a_reference_is_found_in_all_its_forms(finds, stored, value, expected):
    assert finds(event(stored), "subject", value) is expected


def test_a_parameter_of_one_target_takes_only_references_to_it(finds):
    observation = {"resourceType": "Observation", "subject": {"reference": "Group/1"}}
    assert finds(observation, "subject", "1")
    assert not finds(observation, "patient", "1")
    assert finds(observation | {"subject": {"reference": "Patient/1"}}, "patient", "1")


def test_a_parameter_of_any_target_does_not_name_them(parse):
    assert parse("Provenance", ("target", "1")).filter == {
        "type": "Provenance",
        "reference": {"$elemMatch": {"p": "target", "i": "1"}},
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://example.org/Questionnaire/q", True),
        ("http://example.org/Questionnaire/q|1.2", True),
        ("http://example.org/Questionnaire/q|1.3", False),
        ("http://example.org/Questionnaire/other", False),
    ],
)
def test_a_canonical_is_found_with_and_without_its_version(finds, value, expected):
    canonical = "http://example.org/Questionnaire/q|1.2"
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": canonical}
    assert finds(response, "questionnaire", value) is expected


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("", "nothing"),
        ("Patient/", "Type/id"),
        ("a b", "Type/id"),
        ("Patient/1/2", "Type/id"),
        ("Patient/1/_history/", "Type/id"),
        ("Patiant/1", "not a resource type"),
        ("Observation/1", "Patient"),
        ("x" * 65, "Type/id"),
        ("1,", "nothing"),
    ],
)
def test_what_is_no_reference_is_refused_with_advice(parse, value, advice):
    with pytest.raises(InvalidRequest) as failure:
        parse("AdverseEvent", ("subject", value))
    assert advice in failure.value.issues[0].diagnostics


VERSIONED = [
    ("Patient/1/_history/3", "Patient/1/_history/3", True),
    ("Patient/1/_history/3", "Patient/1/_history/2", False),
    ("Patient/1", "Patient/1/_history/3", False),
    (f"{BASE}/Patient/1/_history/3", "Patient/1/_history/3", True),
    ("https://o.example/Patient/1/_history/2", "https://o.example/Patient/1/_history/2", True),
    ("https://o.example/Patient/1/_history/2", "https://o.example/Patient/1/_history/3", False),
]


@pytest.mark.parametrize(("stored", "value", "expected"), VERSIONED)
def test_a_version_finds_references_to_that_version_only(finds, stored, value, expected):
    assert finds(event(stored), "subject", value) is expected


LOGICAL = {
    "resourceType": "AdverseEvent",
    "subject": {"identifier": {"system": "urn:a", "value": "7"}},
}
MODIFIED = [
    (LOGICAL, "subject:identifier", "urn:a|7", True),
    (LOGICAL, "subject:identifier", "7", True),
    (LOGICAL, "subject:identifier", "urn:a|", True),
    (LOGICAL, "subject:identifier", "|7", False),
    (LOGICAL, "subject:identifier", "urn:b|7", False),
    (LOGICAL, "subject", "7", False),
    (LOGICAL, "subject:missing", "false", True),
    (event("Patient/1"), "subject:identifier", "1", False),
    (event("#contained"), "subject:missing", "false", True),
    ({"resourceType": "AdverseEvent"}, "subject:missing", "true", True),
    (event("Patient/1"), "subject:Patient", "1", True),
    (event("Patient/1"), "subject:Patient", "Patient/1", True),
    (event("Group/1"), "subject:Patient", "1", False),
    (event("Patient/1"), "subject:Patient", "2", False),
    (event("Patient/1"), "subject:Patient", "2,1", True),
]


@pytest.mark.parametrize(("resource", "name", "value", "expected"), MODIFIED)
def test_a_modifier_of_a_reference_says_what_is_compared(finds, resource, name, value, expected):
    assert finds(resource, name, value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://example.org/q|1", True),
        ("http://example.org/q|1.2", True),
        ("http://example.org/q|1.2.3", True),
        ("http://example.org/q|1.3", False),
        ("http://example.org/q|1.2.30", False),
        ("http://example.org/q", True),
        ("http://example.org/other|1", False),
    ],
)
def test_a_canonical_is_found_below_the_beginning_of_its_version(finds, value, expected):
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q|1.2.3",
    }
    assert finds(response, "questionnaire:below", value) is expected


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("subject:Observation", "1", "Patient"),
        ("subject:Patient", "Group/1", "the id of a Patient"),
        ("subject:Patient", "http://a.example/Patient/1", "the id of a Patient"),
        ("subject:below", "Patient/1", "canonical URL"),
        ("subject:above", "Patient/1", "has no modifier"),
        ("subject:Patiant", "1", "has no modifier"),
        ("subject:identifier", "a|b|c", "system|code"),
    ],
)
def test_a_modifier_that_does_not_fit_is_refused_with_advice(parse, name, value, advice):
    with pytest.raises(InvalidRequest) as failure:
        parse("AdverseEvent", (name, value))
    assert advice in failure.value.issues[0].diagnostics


def test_the_first_resource_of_a_document_is_what_the_bundle_refers_to(finds):
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "entry": [{"resource": {"resourceType": "Composition", "id": "c"}}],
    }
    assert finds(bundle, "composition", "Composition/c")


def test_the_filter_leads_with_the_parameter_and_the_id(parse):
    assert parse("AdverseEvent", ("subject", "Patient/1")).filter == {
        "type": "AdverseEvent",
        "reference": {"$elemMatch": {"p": "subject", "i": "1", "t": "Patient"}},
    }
    assert parse("AdverseEvent", ("subject", UUID)).filter == {
        "type": "AdverseEvent",
        "reference": {"$elemMatch": {"p": "subject", "u": UUID}},
    }
