"""What the server says of itself is what it does."""

from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL


def test_the_statement_is_open_and_valid(app):
    statement = app.test_client().get("/fhir/metadata").get_json()
    assert statement["fhirVersion"] == "4.0.1"
    CapabilityStatement.model_validate(statement)


SAMPLES = {"date": "2020-01-01", "number": "1", "quantity": "1", "special": "0|0"}
DEFINED = {each.url: each for each in load_definitions().search_parameters}


def sample(url: str, kind: str) -> str:
    """Return a value of a search parameter; one of a composite has a value for each component."""
    if kind != "composite":
        return SAMPLES.get(kind, "xyz")
    parts = [DEFINED[each.definition] for each in DEFINED[url].component]
    return "$".join(sample(each.url, each.type) for each in parts)


def test_every_search_parameter_that_is_listed_works(app, hospital):
    statement = app.test_client().get("/fhir/metadata").get_json()
    for described in statement["rest"][0]["resource"]:
        for parameter in described["searchParam"]:
            value = sample(parameter["definition"], parameter["type"])
            answer = hospital.get(f"/{described['type']}?{parameter['name']}={value}&_count=0")
            assert answer.status_code == 200, (described["type"], parameter, answer.text)


def test_a_parameter_that_is_not_listed_does_not_work(hospital):
    assert hospital.get("/Patient?phonetic=ann").status_code == 400


def test_our_profiles_are_named_with_the_types_that_they_are_of(app):
    rest = app.test_client().get("/fhir/metadata").get_json()["rest"][0]
    named = {each["type"]: each.get("supportedProfile") for each in rest["resource"]}
    assert {of: profiles for of, profiles in named.items() if profiles} == {
        of: [f"{CANONICAL}/StructureDefinition/{name}"]
        for of, name in (
            ("AdverseEvent", "pswp-adverse-event"),
            ("Consent", "pswp-provider-authorization"),
            ("DocumentReference", "pswp-document"),
            ("Organization", "pso-organization"),
            ("Provenance", "pswp-provenance"),
            ("QuestionnaireResponse", "pswp-questionnaire-response"),
        )
    }
