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
        ("Patient/1/_history/2", "leave out /_history"),
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


def test_the_identifier_of_a_reference_is_indexed_beside_it(document):
    subject = {"reference": "Patient/1", "identifier": {"system": "urn:a", "value": "7"}}
    found = document({"resourceType": "AdverseEvent", "subject": subject})["reference"]
    assert found == [
        {"p": "subject", "t": "Patient", "i": "1"},
        {"p": "subject", "s": "urn:a", "c": "7"},
    ]


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
