import logging
from datetime import UTC, datetime

import pytest

from psolink.fhir_json import JsonObject
from psolink.search import index_values as module
from psolink.search.index_values import MAX_CHARACTERS, MAX_VALUES, IndexValues
from psolink.search.registry import SearchParameters
from psolink.search.unindexed import UNINDEXED


def entries(document: JsonObject) -> set[tuple[str, ...]]:
    """Return token, string, reference and uri values in a short form, without what is beside."""
    found = set()
    for array in ("token", "string", "reference", "uri"):
        for each in document.get(array, ()):
            kept = [str(value) for name, value in each.items() if name not in ("x", "tc", "ts")]
            found.add((array, *kept))
    return found


ADVERSE_EVENT = {
    "resourceType": "AdverseEvent",
    "id": "a",
    "meta": {
        "profile": ["urn:profile|1"],
        "security": [{"system": "urn:label", "code": "R"}],
        "tag": [{"system": "urn:tag", "code": "t"}],
        "source": "urn:source",
    },
    "identifier": {"system": "urn:events", "value": "7"},
    "actuality": "actual",
    "category": [{"coding": [{"system": "urn:category", "code": "medication-mishap"}]}],
    "subject": {"reference": "Patient/p"},
    "date": "2024-02-29",
    "suspectEntity": [{"instance": {"reference": "Medication/m"}}],
    "resultingCondition": [{"reference": "Condition/c"}],
}
ADMINISTRATION_STATUS = "http://terminology.hl7.org/CodeSystem/medication-admin-status"
# Not the URL of the extension, but the one in the expression of R4's parameter.
MAIDEN_NAME = "http://hl7.org/fhir/StructureDefinition/patient-extensions-Patient-mothersMaidenName"
HIGH = str({"s": "urn:v", "c": "high"})
ACTUALITY = "http://hl7.org/fhir/adverse-event-actuality"


def test_an_adverse_event_is_indexed_whole(index_values):
    extracted = index_values.extract(ADVERSE_EVENT)
    assert sorted(extracted.pop("words")) == ["actual", "medication", "mishap"]
    assert extracted.pop("sort").keys() == {
        "actuality",
        "category",
        "date",
        "identifier",
        "resultingcondition",
        "subject",
        "substance",
    }
    assert sorted(extracted.pop("refers")) == ["Condition/c", "Medication/m", "Patient/p"]
    assert extracted == {
        "token": [
            {"p": "_security", "s": "urn:label", "c": "R"},
            {"p": "_tag", "s": "urn:tag", "c": "t"},
            {"p": "actuality", "s": ACTUALITY, "c": "actual"},
            {"p": "category", "s": "urn:category", "c": "medication-mishap"},
            {"p": "identifier", "s": "urn:events", "c": "7"},
        ],
        "uri": [
            {"p": "_profile", "v": "urn:profile|1"},
            {"p": "_profile", "v": "urn:profile"},
            {"p": "_source", "v": "urn:source"},
        ],
        "date": [
            {
                "p": "date",
                "lo": datetime(2024, 2, 29, tzinfo=UTC),
                "hi": datetime(2024, 2, 29, 23, 59, 59, 999_000, tzinfo=UTC),
            }
        ],
        "reference": [
            {"p": "resultingcondition", "t": "Condition", "i": "c"},
            {"p": "subject", "t": "Patient", "i": "p"},
            {"p": "substance", "t": "Medication", "i": "m"},
        ],
    }


EXAMPLES = [
    pytest.param(
        {
            "resourceType": "Patient",
            "name": [{"family": "Bell", "given": ["Ann"], "use": "official"}],
            "gender": "female",
            "generalPractitioner": [{"reference": "Organization/o"}],
            "address": [{"city": "Springfield", "use": "home"}],
            "extension": [
                {
                    "url": MAIDEN_NAME,
                    "valueString": "Lamb",
                }
            ],
        },
        {
            ("string", "name", "bell"),
            ("string", "name", "ann"),
            ("string", "family", "bell"),
            ("string", "given", "ann"),
            ("string", "address", "springfield"),
            ("string", "address-city", "springfield"),
            ("string", "mothersMaidenName", "lamb"),
            ("token", "gender", "http://hl7.org/fhir/administrative-gender", "female"),
            ("token", "address-use", "http://hl7.org/fhir/address-use", "home"),
            ("token", "deceased", "http://hl7.org/fhir/special-values", "false"),
            ("reference", "general-practitioner", "Organization", "o"),
        },
        id="Patient",
    ),
    pytest.param(
        {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"system": "urn:class", "code": "AMB"},
            "subject": {"reference": "Patient/p"},
            "participant": [
                {"individual": {"reference": "Practitioner/d"}},
                {"individual": {"reference": "RelatedPerson/r"}},
            ],
            "location": [{"location": {"reference": "Location/l"}}],
        },
        {
            ("token", "status", "http://hl7.org/fhir/encounter-status", "finished"),
            ("token", "class", "urn:class", "AMB"),
            ("reference", "subject", "Patient", "p"),
            ("reference", "patient", "Patient", "p"),
            ("reference", "participant", "Practitioner", "d"),
            ("reference", "participant", "RelatedPerson", "r"),
            ("reference", "practitioner", "Practitioner", "d"),
            ("reference", "location", "Location", "l"),
        },
        id="Encounter",
    ),
    pytest.param(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
            "subject": {"reference": "Group/g"},
            "valueCodeableConcept": {"coding": [{"system": "urn:v", "code": "high"}]},
            "component": [{"code": {"coding": [{"system": "urn:c", "code": "part"}]}}],
        },
        {
            ("token", "status", "http://hl7.org/fhir/observation-status", "final"),
            ("token", "code", "http://loinc.org", "718-7"),
            ("token", "combo-code", "http://loinc.org", "718-7"),
            ("token", "combo-code", "urn:c", "part"),
            ("token", "component-code", "urn:c", "part"),
            ("token", "value-concept", "urn:v", "high"),
            ("token", "combo-value-concept", "urn:v", "high"),
            ("token", "code-value-concept", "http://loinc.org", "718-7", HIGH),
            ("token", "combo-code-value-concept", "http://loinc.org", "718-7", HIGH),
            ("reference", "subject", "Group", "g"),
        },
        id="Observation",
    ),
    pytest.param(
        {
            "resourceType": "Practitioner",
            "active": True,
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1"}],
            "name": [{"text": "Dr. Who"}],
        },
        {
            ("token", "active", "http://hl7.org/fhir/special-values", "true"),
            ("token", "identifier", "http://hl7.org/fhir/sid/us-npi", "1"),
            ("string", "name", "dr who"),
        },
        id="Practitioner",
    ),
    pytest.param(
        {
            "resourceType": "Location",
            "status": "active",
            "name": "Ward 5",
            "alias": ["Five"],
            "managingOrganization": {"identifier": {"system": "urn:org", "value": "o"}},
        },
        {
            ("token", "status", "http://hl7.org/fhir/location-status", "active"),
            ("string", "name", "ward 5"),
            ("string", "name", "five"),
            ("reference", "organization"),
            ("token", "organization:identifier", "urn:org", "o"),
        },
        id="Location",
    ),
    pytest.param(
        {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationCodeableConcept": {"coding": [{"system": "urn:rx", "code": "11289"}]},
            "subject": {"reference": "Patient/p"},
            "context": {"reference": "Encounter/e"},
        },
        {
            ("token", "status", ADMINISTRATION_STATUS, "completed"),
            ("token", "code", "urn:rx", "11289"),
            ("reference", "subject", "Patient", "p"),
            ("reference", "patient", "Patient", "p"),
            ("reference", "context", "Encounter", "e"),
        },
        id="MedicationAdministration",
    ),
    pytest.param(
        {
            "resourceType": "QuestionnaireResponse",
            "identifier": {"system": "urn:forms", "value": "9"},
            "questionnaire": "http://example.org/q|1",
            "status": "completed",
            "item": [
                {
                    "linkId": "1",
                    "extension": [
                        {
                            "url": "http://hl7.org/fhir/StructureDefinition/"
                            "questionnaireresponse-isSubject",
                            "valueBoolean": True,
                        }
                    ],
                    "answer": [{"valueReference": {"reference": "Patient/s"}}],
                }
            ],
        },
        {
            ("token", "identifier", "urn:forms", "9"),
            ("token", "status", "http://hl7.org/fhir/questionnaire-answers-status", "completed"),
            ("reference", "questionnaire", "http://example.org/q|1"),
            ("reference", "questionnaire", "http://example.org/q"),
            ("reference", "item-subject", "Patient", "s"),
        },
        id="QuestionnaireResponse",
    ),
    pytest.param(
        {
            "resourceType": "Provenance",
            "target": [{"reference": "AdverseEvent/a"}, {"reference": "Patient/p/_history/2"}],
            "recorded": "2024-01-01T00:00:00Z",
            "agent": [{"who": {"reference": "Organization/o"}}],
            "entity": [{"role": "source", "what": {"reference": "QuestionnaireResponse/q"}}],
        },
        {
            ("reference", "target", "AdverseEvent", "a"),
            ("reference", "target", "Patient", "p", "2"),
            ("reference", "patient", "Patient", "p", "2"),
            ("reference", "agent", "Organization", "o"),
            ("reference", "entity", "QuestionnaireResponse", "q"),
        },
        id="Provenance",
    ),
    pytest.param(
        {
            "resourceType": "Organization",
            "name": "St. Mary",
            "type": [{"coding": [{"system": "urn:type", "code": "prov"}]}],
            "partOf": {"reference": "https://other.example/fhir/Organization/2"},
        },
        {
            ("string", "name", "st mary"),
            ("token", "type", "urn:type", "prov"),
            ("reference", "partof", "https://other.example/fhir/Organization/2"),
        },
        id="Organization",
    ),
    pytest.param(
        {
            "resourceType": "Bundle",
            "type": "message",
            "identifier": {"system": "urn:bundles", "value": "1"},
            "entry": [{"resource": {"resourceType": "MessageHeader", "id": "m"}}],
        },
        {
            ("token", "type", "http://hl7.org/fhir/bundle-type", "message"),
            ("token", "identifier", "urn:bundles", "1"),
            ("reference", "composition", "MessageHeader", "m"),
            ("reference", "message", "MessageHeader", "m"),
        },
        id="Bundle",
    ),
]


@pytest.mark.parametrize(("resource", "expected"), EXAMPLES)
def test_the_values_of_a_resource_are_found_by_their_expressions(index_values, resource, expected):
    assert entries(index_values.extract(resource)) == expected


def test_values_are_distinct(index_values):
    coding = {"system": "urn:a", "code": "1"}
    found = index_values.extract({"resourceType": "Patient", "meta": {"tag": [coding, coding]}})
    assert found["token"].count({"p": "_tag", "s": "urn:a", "c": "1"}) == 1


def test_a_resource_without_values_has_no_arrays(index_values):
    assert index_values.extract({"resourceType": "Basic"}) == {}


def test_a_missing_primitive_has_no_value(index_values):
    absent = {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]}
    patient: JsonObject = {"resourceType": "Patient", "_gender": absent, "_birthDate": absent}
    patient |= {"name": [{"given": [None, "Ann"], "_given": [absent, None]}]}
    found = index_values.extract(patient)
    assert entries(found) - {
        ("token", "deceased", "http://hl7.org/fhir/special-values", "false")
    } == {
        ("string", "given", "ann"),
        ("string", "name", "ann"),
    }


def test_the_values_of_a_contained_resource_are_not_those_of_its_container(index_values):
    inner = {"resourceType": "Patient", "id": "p", "gender": "male"}
    event = {"resourceType": "AdverseEvent", "contained": [inner], "subject": {"reference": "#p"}}
    found = index_values.extract(event)
    assert found["reference"] == [{"p": "subject"}]
    assert {each["p"] for each in found["token"]} == {
        "Patient#gender",
        "Patient#deceased",
        "_contained",
    }
    [contained] = found["contained"]
    assert (contained["type"], contained["id"]) == ("Patient", "p")
    assert ("gender", "male") in [(each["p"], each["c"]) for each in contained["token"]]


@pytest.fixture
def overfull():
    codes = [{"system": "urn:a", "value": str(number)} for number in range(MAX_VALUES + 1)]
    return {"resourceType": "Patient", "identifier": codes, "gender": "male"}


def test_a_parameter_with_too_many_values_does_not_lose_the_write(index_values, overfull, caplog):
    caplog.set_level(logging.WARNING, logger=module.__name__)
    found = index_values.extract(overfull)
    parameters = {each["p"] for each in found["token"]}
    assert parameters == {"_unindexed", "deceased", "gender"}
    assert {"p": "_unindexed", "s": "", "c": "identifier"} in found["token"]
    assert [each.getMessage() for each in caplog.records] == [
        "Patient identifier not indexed: _TooManyValues"
    ]


def test_a_search_by_what_is_not_indexed_knows_that_it_may_miss(parse, document, matcher, overfull):
    criteria = parse("Patient", ("identifier", "urn:a|1"))
    assert not matcher(criteria.filter, document(overfull))
    assert matcher(criteria.unindexed, document(overfull))
    assert not matcher(parse("Patient", ("gender", "male")).unindexed, document(overfull))


def test_as_many_values_as_are_allowed_are_indexed(index_values, overfull):
    overfull["identifier"].pop()
    found = index_values.extract(overfull)["token"]
    assert sum(each["p"] == "identifier" for each in found) == MAX_VALUES


def test_an_expression_that_fails_on_one_resource_leaves_the_others_indexed(parameters):
    failing = {
        "url": "urn:own",
        "name": "own",
        "code": "own",
        "base": ["Patient"],
        "type": "token",
        "expression": "Patient.gender.where(%resource.name.family.upper() = 'BELL')",
    }
    values = IndexValues(SearchParameters(parameters.definitions, [failing]))
    one = {"resourceType": "Patient", "gender": "male", "name": [{"family": "Bell"}]}
    two = one | {"name": [{"family": "Bell"}, {"family": "Lamb"}]}
    assert "own" in {each["p"] for each in values.extract(one)["token"]}
    found = values.extract(two)["token"]
    assert {"p": "_unindexed", "s": "", "c": "own"} in found
    assert "gender" in {each["p"] for each in found}


def test_the_values_of_one_resource_have_a_limit_together(index_values):
    names = [{"family": f"{number:06}" + "x" * 900} for number in range(4_000)]
    found = index_values.extract({"resourceType": "Patient", "id": "1", "name": names})
    missed = {each["c"] for each in found["token"] if each["p"] == UNINDEXED}
    assert "family" in missed
    kept = sum(len(repr(each)) for some in found.values() for each in some)
    assert kept <= MAX_CHARACTERS
