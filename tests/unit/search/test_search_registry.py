import pytest

from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL
from psolink.fhirpath import FhirPathError
from psolink.search.registry import SearchParameters

OWN = {
    "resourceType": "SearchParameter",
    "url": "urn:own",
    "name": "own",
    "code": "own",
    "base": ["Patient"],
    "type": "token",
    "expression": "Patient.link.type",
}

NOT_SUPPORTED = {
    ("special", "_filter"),
    # Names a query that the server defines, and it defines none.
    ("token", "_query"),
    # R4 asks for a match by sound.
    ("string", "phonetic"),
}


def test_parameters_of_all_resources_belong_to_each_type(parameters):
    everywhere = {"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"}
    for resource_type in parameters.resource_types:
        supported = {each.code for each in parameters.supported_parameters(resource_type)}
        assert everywhere <= supported


def test_parameters_of_other_types_do_not(parameters):
    assert "actuality" in parameters.for_type("AdverseEvent")
    assert "actuality" not in parameters.for_type("Patient")


def test_adverse_events_have_an_identifier(parameters):
    found = parameters.for_type("AdverseEvent")["identifier"]
    assert found.url == f"{CANONICAL}/SearchParameter/adverseevent-identifier"
    assert found.search_type is not None


def test_questionnaire_responses_have_the_identifier_of_r4(parameters):
    found = parameters.for_type("QuestionnaireResponse")["identifier"]
    assert found.url.startswith("http://hl7.org/fhir/")


def test_every_parameter_of_every_type_works_but_the_known_few(parameters):
    known = [
        (resource_type, each)
        for resource_type in parameters.resource_types
        for each in parameters.for_type(resource_type).values()
    ]
    missing = {(each.type, each.code) for _, each in known if each.search_type is None}
    assert len(known) > 3000
    assert missing == NOT_SUPPORTED


def test_a_parameter_of_our_own_is_added(finds):
    parameters = SearchParameters(load_definitions(), [OWN])
    assert "own" in {each.code for each in parameters.supported_parameters("Patient")}
    assert "own" not in parameters.for_type("Group")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"expression": "Patient.lnk"}, FhirPathError, id="a misspelt element"),
        pytest.param({"expression": "Patient.link."}, FhirPathError, id="no FHIRPath"),
        pytest.param({"code": "gender"}, ValueError, id="a code that R4 has already"),
        pytest.param({"base": "Patient"}, ValueError, id="a base that is no list"),
        pytest.param({"code": None}, ValueError, id="no code"),
    ],
)
def test_a_wrong_parameter_of_our_own_is_refused_at_the_start(change, error):
    with pytest.raises(error):
        SearchParameters(load_definitions(), [OWN | change])


def test_a_parameter_that_finds_what_is_not_indexed_is_not_supported():
    quantity = OWN | {"base": ["Observation"], "expression": "Observation.referenceRange.low"}
    parameters = SearchParameters(load_definitions(), [quantity])
    assert parameters.for_type("Observation")["own"].search_type is None
