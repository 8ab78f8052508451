"""The definitions of R4 core and of this project, which everybody reads and nobody writes."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from tests.builders import bundle, entry, patient
from tests.http.conftest import Actor, assert_refused

from psolink.app import create_app
from psolink.fhir_json import CANONICAL
from psolink.security.scopes import Scopes
from psolink.setup import access_tokens, prepare

READ = [
    ("StructureDefinition", "Patient", "http://hl7.org/fhir/StructureDefinition/Patient"),
    ("SearchParameter", "clinical-patient", "http://hl7.org/fhir/SearchParameter/clinical-patient"),
    (
        "OperationDefinition",
        "Resource-meta",
        "http://hl7.org/fhir/OperationDefinition/Resource-meta",
    ),
    ("CompartmentDefinition", "patient", "http://hl7.org/fhir/CompartmentDefinition/patient"),
    (
        "CodeSystem",
        "administrative-gender",
        "http://hl7.org/fhir/administrative-gender",
    ),
    ("ValueSet", "administrative-gender", "http://hl7.org/fhir/ValueSet/administrative-gender"),
    ("StructureDefinition", "pswp-record", f"{CANONICAL}/StructureDefinition/pswp-record"),
    (
        "Questionnaire",
        "common-formats-herf-1-2",
        f"{CANONICAL}/Questionnaire/common-formats-herf-1-2",
    ),
]


@pytest.fixture(scope="module")
def settings(settings):
    return replace(settings, core_definitions=True)


def own(resource_id: str, url: str = "https://hospital-a.example/ValueSet/own") -> dict[str, str]:
    return {"resourceType": "ValueSet", "id": resource_id, "url": url, "status": "active"}


def ids(answer) -> list[str]:
    return [each["resource"]["id"] for each in answer.get_json().get("entry", [])]


@pytest.mark.parametrize("actor", ["hospital-a", "pso-p", "outsider"])
@pytest.mark.parametrize(("kind", "resource_id", "url"), READ)
def test_a_definition_is_read_and_found_by_its_url_by_everybody(
    actors, actor, kind, resource_id, url
):
    read = actors[actor].get(f"/{kind}/{resource_id}")
    assert read.status_code == 200
    assert read.get_json()["url"] == url
    found = actors[actor].get(f"/{kind}?url={quote(url)}")
    assert ids(found) == [resource_id]
    assert found.get_json()["total"] == 1


def test_search_parameters_are_found_by_code_and_base(hospital: Actor):
    found = hospital.get("/SearchParameter?code=identifier&base=AdverseEvent")
    assert [each["resource"]["url"] for each in found.get_json()["entry"]] == [
        f"{CANONICAL}/SearchParameter/adverseevent-identifier"
    ]


def test_every_definition_that_the_statement_names_can_be_read(app, hospital: Actor):
    rest = app.test_client().get("/fhir/metadata").get_json()["rest"][0]
    named = {
        ("OperationDefinition", each["definition"])
        for holder in (rest, *rest["resource"])
        for each in holder.get("operation", [])
    }
    named |= {
        ("SearchParameter", each["definition"])
        for holder in rest["resource"]
        for each in holder["searchParam"]
    }
    named |= {
        ("StructureDefinition", each)
        for holder in rest["resource"]
        for each in holder.get("supportedProfile", [])
    }
    for kind in ("OperationDefinition", "SearchParameter", "StructureDefinition"):
        urls = {url for of, url in named if of == kind}
        assert urls - set(_urls(hospital, kind)) == set(), kind


def _urls(actor: Actor, kind: str) -> list[str]:
    found, path = [], f"/{kind}?_count=1000"
    while path:
        page = actor.get(path).get_json()
        found += [each["resource"]["url"] for each in page["entry"]]
        following = [each["url"] for each in page["link"] if each["relation"] == "next"]
        path = following[0].partition("/fhir")[2] if following else ""
    return found


def test_own_and_published_ones_are_one_result_with_pages_and_totals(hospital: Actor):
    before = hospital.get("/CompartmentDefinition?_count=0").get_json()["total"]
    assert before == 5
    created = hospital.create(
        {
            "resourceType": "CompartmentDefinition",
            "url": "https://hospital-a.example/CompartmentDefinition/ours",
            "name": "Ours",
            "status": "draft",
            "code": "Patient",
            "search": True,
        }
    )
    seen, path = [], "/CompartmentDefinition?_count=2"
    while path:
        page = hospital.get(path).get_json()
        assert page["total"] == 6
        seen += [each["resource"]["id"] for each in page["entry"]]
        following = [each["url"] for each in page["link"] if each["relation"] == "next"]
        path = following[0].partition("/fhir")[2] if following else ""
    assert sorted(seen) == sorted(
        [created["id"], "device", "encounter", "patient", "practitioner", "relatedPerson"]
    )


def test_a_definition_of_an_organization_is_its_own(hospital: Actor, rival: Actor):
    created = hospital.create(own("ignored"))
    path = f"/ValueSet/{created['id']}"
    assert hospital.get(path).status_code == 200
    assert_refused(rival.get(path), 404, "not-found")
    assert ids(rival.get(f"/ValueSet?url={quote(created['url'])}")) == []
    assert ids(hospital.get(f"/ValueSet?url={quote(created['url'])}")) == [created["id"]]
    totals = [each.get("/ValueSet?_count=0").get_json()["total"] for each in (hospital, rival)]
    assert totals[0] - totals[1] == 1


def test_the_id_of_a_definition_is_nobodys_to_write(hospital: Actor, actors):
    taken = own("administrative-gender")
    tags = {"tag": [{"system": "https://hospital-a.example", "code": "x"}]}
    meta = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": tags}]}
    transaction = bundle(
        "transaction",
        entry("POST", "Patient", patient(active=True)),
        entry("PUT", "ValueSet/administrative-gender", taken),
    )
    for actor in (hospital, actors["admin"]):
        answers = [
            actor.put("/ValueSet/administrative-gender", taken),
            actor.delete("/ValueSet/administrative-gender"),
            actor.post("/ValueSet/administrative-gender/$meta-add", meta),
            actor.post("", transaction),
        ]
        for answer in answers:
            assert_refused(answer, 403, "forbidden")
    read = hospital.get("/ValueSet/administrative-gender")
    assert read.headers["ETag"] == 'W/"1"'
    assert hospital.get("/Patient?active=true").get_json()["total"] == 0


def test_a_conditional_create_finds_what_is_published(hospital: Actor):
    url = "http://hl7.org/fhir/ValueSet/administrative-gender"
    answer = hospital.post("/ValueSet", own("x", url), If_None_Exist=f"url={url}")
    assert answer.status_code == 200
    assert answer.get_json()["id"] == "administrative-gender"


def test_reading_a_definition_needs_the_scope_for_its_type(app, settings, actors):
    tokens = access_tokens(settings)
    principal = replace(
        tokens.verify(actors["outsider"].token), scopes=Scopes.parse("system/Patient.rs")
    )
    limited = Actor(app.test_client(), tokens.issue(principal).token)
    assert_refused(limited.get("/ValueSet/administrative-gender"), 403, "forbidden")
    assert_refused(limited.get("/ValueSet"), 403, "forbidden")
    assert limited.http.get("/fhir/ValueSet/administrative-gender").status_code == 401


def test_the_history_of_a_definition_is_one_version(hospital: Actor):
    found = hospital.get("/StructureDefinition/Patient/_history").get_json()
    assert [each["resource"]["meta"]["versionId"] for each in found["entry"]] == ["1"]


def test_what_is_of_an_organization_has_no_definitions_among_it(hospital: Actor):
    labels = hospital.get("/$meta").get_json()["parameter"][0].get("valueMeta", {})
    assert "r4-core" not in [each["code"] for each in labels.get("tag", [])]
    of_type = hospital.get("/StructureDefinition/$meta").get_json()["parameter"][0]["valueMeta"]
    assert "r4-core" in [each["code"] for each in of_type["tag"]]


def test_a_restart_writes_nothing(settings, hospital: Actor):
    told: list[int] = []
    prepare(settings, told.append)  # type: ignore[arg-type] # it would fail if it were used
    assert told == []
    assert hospital.get("/StructureDefinition/Patient").headers["ETag"] == 'W/"1"'


def test_they_are_not_there_where_the_operator_does_not_want_them(settings, mongodb, actors):
    app = create_app(replace(settings, core_definitions=False), mongodb)
    without = Actor(app.test_client(), actors["hospital-a"].token)
    assert_refused(without.get("/StructureDefinition/Patient"), 404, "not-found")
    assert without.get("/SearchParameter?_count=0").get_json()["total"] == 0


def test_definitions_for_everybody_take_no_search_parameter_of_one_organization(hospital: Actor):
    parameter = {
        "resourceType": "SearchParameter",
        "url": "urn:parameter:own",
        "name": "Own",
        "status": "active",
        "description": "The title of a value set.",
        "code": "heading",
        "base": ["ValueSet"],
        "type": "string",
        "expression": "ValueSet.title",
    }
    refused = hospital.post("/SearchParameter", parameter)
    assert_refused(refused, 422, "not-supported", "SearchParameter.base")


def test_a_search_of_all_types_tells_of_nothing_missing_among_definitions_it_leaves_out(hospital):
    # Some value sets have more words than are kept; a search of their type says so.
    assert hospital.get("/ValueSet?_content=nowhere").get_json()["entry"]
    assert "entry" not in hospital.get("?_content=nowhere").get_json()
