"""What the server says of itself is what it does."""

from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from tests.builders import patient

from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL
from psolink.operations.table import OPERATIONS


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


def test_every_interaction_that_is_listed_is_there(app, hospital):
    statement = app.test_client().get("/fhir/metadata").get_json()
    [described] = [e for e in statement["rest"][0]["resource"] if e["type"] == "Patient"]
    assert {each["code"] for each in described["interaction"]} == {
        "read",
        "vread",
        "update",
        "patch",
        "delete",
        "history-instance",
        "create",
        "search-type",
    }
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    answers = [
        hospital.get(path),
        hospital.get(f"{path}/_history/1"),
        hospital.put(path, created),
        hospital.send("PATCH", path, b"[]", Content_Type="application/json-patch+json"),
        hospital.get(f"{path}/_history"),
        hospital.get("/Patient"),
        hospital.delete(path),
    ]
    assert [each.status_code for each in answers] == [200] * 6 + [204]


def test_every_operation_that_is_listed_has_a_route(app, hospital):
    rest = app.test_client().get("/fhir/metadata").get_json()["rest"][0]
    listed: list[tuple[str | None, str]] = [(None, each["name"]) for each in rest["operation"]]
    for described in rest["resource"]:
        listed += [(described["type"], each["name"]) for each in described.get("operation", [])]
    assert {name for _, name in listed} == {each.name for each in OPERATIONS}
    for kind, name in listed:
        of_type = kind or "Patient"
        paths = [f"/{of_type}/1/${name}", f"/{of_type}/${name}", f"/${name}"]
        answers = [hospital.post(path, {"resourceType": "Basic"}) for path in paths]
        assert not all("no operation" in answer.text for answer in answers), (kind, name)


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
