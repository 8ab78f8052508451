"""Everything that the CapabilityStatement claims is called, and everything that it does not claim."""

from typing import Any

import pytest
from tests.builders import adverse_event, bundle, entry, patient
from tests.http.conftest import Actor

from psolink.definitions import load_definitions
from psolink.operations.table import OPERATIONS, Level, find

DEFINITIONS = load_definitions()
JSON_PATCH = "application/json-patch+json"
FORM = "application/x-www-form-urlencoded"

RESOURCES = {
    "Patient": patient(),
    "AdverseEvent": adverse_event(),
    "Observation": {"resourceType": "Observation", "status": "final", "code": {"text": "x"}},
    "ValueSet": {"resourceType": "ValueSet", "status": "draft"},
    "Binary": {"resourceType": "Binary", "contentType": "text/plain", "data": "eA=="},
}
TYPE_CODES = DEFINITIONS.codes("http://hl7.org/fhir/ValueSet/type-restful-interaction")
SYSTEM_CODES = DEFINITIONS.codes("http://hl7.org/fhir/ValueSet/system-restful-interaction")

BUNDLES = ("batch", "transaction")
NOT_THERE = {400, 404, 405, 501}


@pytest.fixture(scope="module")
def rest(app) -> dict[str, Any]:
    statement = app.test_client().get("/fhir/metadata").get_json()
    found: dict[str, Any] = statement["rest"][0]
    return found


def claimed(described: dict[str, Any]) -> set[str]:
    return {each["code"] for each in described["interaction"]}


def of_type(rest: dict[str, Any], kind: str) -> dict[str, Any]:
    [found] = [each for each in rest["resource"] if each["type"] == kind]
    return dict(found)


Requests = list[tuple[str, str, Any, dict[str, str]]]


def of_resource(created: dict[str, Any]) -> dict[str, Requests]:
    """Return the requests of each interaction with a type, in each of its ways."""
    kind = created["resourceType"]
    path = f"/{kind}/{created['id']}"
    new = {name: each for name, each in created.items() if name not in ("id", "meta")}
    return {
        "read": [("GET", path, None, {}), ("HEAD", path, None, {})],
        "vread": [("GET", f"{path}/_history/1", None, {})],
        "update": [("PUT", path, created, {})],
        "patch": [("PATCH", path, b"[]", {"Content_Type": JSON_PATCH})],
        "delete": [("DELETE", path, None, {})],
        "history-instance": [("GET", f"{path}/_history", None, {})],
        "history-type": [("GET", f"/{kind}/_history", None, {})],
        "create": [("POST", f"/{kind}", new, {})],
        "search-type": [
            ("GET", f"/{kind}", None, {}),
            ("POST", f"/{kind}/_search", b"_count=1", {"Content_Type": FORM}),
        ],
    }


def of_system() -> dict[str, Requests]:
    """Return the requests of each interaction with the system."""
    sent = {kind: bundle(kind, entry("POST", "Patient", patient())) for kind in BUNDLES}
    return {
        **{kind: [("POST", "", each, {})] for kind, each in sent.items()},
        "search-system": [
            ("GET", "?_type=Patient", None, {}),
            ("POST", "/_search", b"_type=Patient", {"Content_Type": FORM}),
        ],
        "history-system": [("GET", "/_history", None, {})],
    }


def statuses(actor: Actor, requests: Requests) -> set[int]:
    return {
        actor.send(method, path, body, **headers).status_code
        for method, path, body, headers in requests
    }


def codes(value_set: Any) -> list[str]:
    return sorted(code for each in value_set.values() for code in each)


@pytest.mark.parametrize("kind", RESOURCES)
@pytest.mark.parametrize("code", codes(TYPE_CODES))
def test_an_interaction_with_a_type_answers_if_and_only_if_it_is_claimed(
    hospital: Actor, rest, kind, code
):
    created = hospital.create(RESOURCES[kind])
    found = statuses(hospital, of_resource(created)[code])
    is_claimed = code in claimed(of_type(rest, kind))
    assert found <= ({200, 201, 204} if is_claimed else NOT_THERE)


@pytest.mark.parametrize("code", codes(SYSTEM_CODES))
def test_an_interaction_with_the_system_answers_if_and_only_if_it_is_claimed(
    hospital: Actor, rest, code
):
    found = statuses(hospital, of_system()[code])
    assert found <= ({200} if code in claimed(rest) else NOT_THERE)


def test_every_type_claims_the_same_interactions_and_answers_a_search(hospital: Actor, rest):
    assert {each["type"] for each in rest["resource"]} == DEFINITIONS.resource_types
    for described in rest["resource"]:
        assert claimed(described) == claimed(rest["resource"][0])
        assert hospital.get(f"/{described['type']}?_count=0").status_code == 200
        assert hospital.get(f"/{described['type']}/unknown").status_code == 404


def listed(rest: dict[str, Any]) -> set[tuple[str, str]]:
    found = {(each["name"], each["definition"]) for each in rest["operation"]}
    for described in rest["resource"]:
        for each in described.get("operation", []):
            found.add((each["name"], each["definition"]))
            [of] = [
                operation for operation in OPERATIONS if operation.definition == each["definition"]
            ]
            assert of.resource_type == described["type"]
    return found


def test_the_operations_that_are_listed_are_those_of_the_table(rest):
    assert listed(rest) == {(each.name, each.definition) for each in OPERATIONS}


@pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda each: f"{each.resource_type} {each.name}"
)
def test_an_operation_answers_at_each_of_its_levels_and_at_no_other(hospital: Actor, operation):
    kind = operation.resource_type or "Patient"
    paths = {
        Level.SYSTEM: f"/${operation.name}",
        Level.TYPE: f"/{kind}/${operation.name}",
        Level.INSTANCE: f"/{kind}/unknown/${operation.name}",
    }
    for level, path in paths.items():
        of = None if level is Level.SYSTEM else kind
        is_there = find(operation.name, level, of) is not None
        for method in ("GET", "POST"):
            answer = hospital.send(method, path, None)
            if not is_there:
                assert "no operation" in answer.text, (method, path, answer.text)
            elif method == "GET" and operation.affects_state:
                assert answer.status_code == 405
            else:
                assert answer.status_code not in (405, 500, 501), (method, path, answer.text)
                assert "no operation" not in answer.text, (method, path)


@pytest.mark.parametrize(
    "definition", DEFINITIONS.operations, ids=lambda each: each.url.rpartition("/")[2]
)
def test_an_operation_of_r4_that_is_not_listed_is_not_there(hospital: Actor, definition):
    if definition.url in {each.definition for each in OPERATIONS}:
        return
    kind = "Patient" if definition.resource == ("Resource",) else definition.resource[0]
    known = {each.name for each in OPERATIONS if each.resource_type in (None, kind)}
    if definition.code in known:
        return
    for path in ("/$", f"/{kind}/$", f"/{kind}/1/$"):
        answer = hospital.post(path + definition.code, {"resourceType": "Parameters"})
        assert answer.status_code == 404


def test_a_search_parameter_answers_if_and_only_if_it_is_listed(hospital: Actor, rest):
    for described in rest["resource"]:
        named = {each["name"] for each in described["searchParam"]}
        defined = {
            each.code
            for each in DEFINITIONS.search_parameters
            if {described["type"], "Resource", "DomainResource"} & set(each.base)
        }
        for code in sorted(defined - named):
            answer = hospital.get(f"/{described['type']}?{code}=xyz&_count=0")
            assert answer.status_code == 400, (described["type"], code)


def test_what_is_claimed_of_conditions_holds(hospital: Actor, rest):
    described = of_type(rest, "Patient")
    identifier = [{"system": "https://x.example", "value": "conditions"}]
    query = "identifier=https://x.example|conditions"
    first = hospital.create(patient(identifier=identifier))
    again = hospital.post("/Patient", patient(identifier=identifier), If_None_Exist=query)
    assert (again.status_code == 200) is described["conditionalCreate"]
    changed = patient(identifier=identifier, active=True)
    assert (hospital.put(f"/Patient?{query}", changed).status_code == 200) is described[
        "conditionalUpdate"
    ]
    known = hospital.get(f"/Patient/{first['id']}")
    since = {"If_Modified_Since": known.headers["Last-Modified"]}
    assert described["conditionalRead"] == "full-support"
    for headers in (since, {"If_None_Match": known.headers["ETag"]}):
        assert hospital.get(f"/Patient/{first['id']}", **headers).status_code == 304
    assert described["versioning"] == "versioned-update"
    stale = hospital.put(f"/Patient/{first['id']}", first, If_Match='W/"1"')
    assert stale.status_code == 412
    assert described["updateCreate"]
    assert hospital.put("/Patient/mine", patient(id="mine")).status_code == 201
    assert described["conditionalDelete"] == "single"
    assert hospital.delete(f"/Patient?{query}").status_code == 204


def test_a_compartment_is_searched_if_and_only_if_it_is_claimed(hospital: Actor, rest):
    by_url = {each.url: each for each in DEFINITIONS.compartments.values()}
    named = {by_url[each].code: by_url[each] for each in rest["compartment"]}
    for code, compartment in named.items():
        for member in ("*", *compartment.parameters):
            answer = hospital.get(f"/{code}/1/{member}?_count=1")
            assert answer.status_code == 200, (code, member, answer.text)
    for each in sorted(DEFINITIONS.resource_types - named.keys()):
        assert hospital.get(f"/{each}/1/*").status_code == 404


def test_what_is_claimed_of_includes_is_taken(hospital: Actor, rest):
    for kind in ("AdverseEvent", "Patient"):
        described = of_type(rest, kind)
        for name, values in (
            ("_include", described.get("searchInclude", [])),
            ("_revinclude", described.get("searchRevInclude", [])),
        ):
            for value in values:
                answer = hospital.get(f"/{kind}?{name}={value}&_count=1")
                assert answer.status_code == 200, (name, value, answer.text)
