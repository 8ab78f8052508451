"""`$validate`: https://hl7.org/fhir/R4/resource-operation-validate.html"""

from typing import Any

import pytest
from tests.builders import PROFILE, adverse_event, designated, entry, identifier, patient
from tests.http.conftest import assert_refused

ID = {"identifier": identifier("R-1")}
SOUND = designated("pswp-pending", **ID)


def issues(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert body["resourceType"] == "OperationOutcome"
    found: list[dict[str, Any]] = body["issue"]
    return found


def errors(answer: Any) -> list[str]:
    return [
        each.get("expression", [""])[0] for each in issues(answer) if each["severity"] == "error"
    ]


def asked(resource: dict[str, Any] | None = None, **simple: str) -> dict[str, Any]:
    kinds = {"mode": "valueCode", "profile": "valueUri"}
    parameter: list[dict[str, Any]] = [
        {"name": name, kinds[name]: text} for name, text in simple.items()
    ]
    if resource is not None:
        parameter.append({"name": "resource", "resource": resource})
    return {"resourceType": "Parameters", "parameter": parameter}


@pytest.mark.parametrize("path", ["/$validate", "/Patient/$validate", "/Patient/some-id/$validate"])
def test_a_sound_resource_is_all_ok_at_every_level(hospital, path):
    (issue,) = issues(hospital.post(path, patient(active=True)))
    assert (issue["severity"], issue["diagnostics"]) == ("information", "All OK")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(patient(gender="odd", active="yes"), id="a bare resource"),
        pytest.param(asked(patient(gender="odd", active="yes")), id="in Parameters"),
    ],
)
def test_every_fault_is_told_with_200(hospital, body):
    assert errors(hospital.post("/Patient/$validate", body)) == ["Patient.gender", "Patient.active"]


def test_what_claims_a_profile_and_names_no_type_is_an_issue(hospital):
    nameless = {"meta": {"profile": [PROFILE]}}
    sent = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": nameless}]}
    found = errors(hospital.post("/Bundle/$validate", sent))
    assert any("entry[0].resource" in each for each in found)


def test_a_resource_of_another_type_than_the_url_is_an_issue(hospital):
    assert errors(hospital.post("/Basic/$validate", patient())) == ["Patient"]


def test_the_profiles_that_are_claimed_are_judged(hospital):
    event = adverse_event(meta={"profile": [PROFILE]})
    assert "AdverseEvent.identifier" in errors(hospital.post("/AdverseEvent/$validate", event))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/AdverseEvent/$validate", asked(adverse_event(), profile=PROFILE), id="body"),
        pytest.param(f"/AdverseEvent/$validate?profile={PROFILE}", adverse_event(), id="query"),
    ],
)
def test_the_profile_that_is_asked_for_is_judged(hospital, path, body):
    assert "AdverseEvent.identifier" in errors(hospital.post(path, body))
    assert errors(hospital.post("/AdverseEvent/$validate", adverse_event())) == []


def test_an_unknown_profile_is_an_error_where_asked_for_and_a_warning_where_claimed(hospital):
    url = "http://example.org/StructureDefinition/none"
    asked_for = issues(hospital.post(f"/Patient/$validate?profile={url}", patient()))
    claimed = issues(hospital.post("/Patient/$validate", patient(meta={"profile": [url]})))
    assert [each["severity"] for each in (*asked_for, *claimed)] == ["error", "warning"]
    assert claimed[0]["expression"] == ["Patient.meta.profile[0]"]
    assert url in claimed[0]["diagnostics"]


def test_what_is_stored_is_validated_by_get_and_by_post(hospital):
    created = hospital.create(SOUND)
    path = f"/AdverseEvent/{created['id']}/$validate"
    assert errors(hospital.get(path)) == []
    assert errors(hospital.get(f"{path}?mode=profile&profile={PROFILE}")) == []
    assert errors(hospital.post(path, asked(mode="profile", profile=PROFILE))) == []


def test_the_mode_create_checks_what_a_create_would(hospital, pso):
    reported = designated("pswp-reported", **ID)
    assert errors(hospital.post("/AdverseEvent/$validate?mode=create", SOUND)) == []
    refused = hospital.post("/AdverseEvent/$validate?mode=create", reported)
    assert errors(refused) == ["AdverseEvent.meta.security[0]"]
    assert errors(hospital.post("/AdverseEvent/$validate", reported)) == []


def test_nothing_is_stored(hospital):
    before = hospital.get("/AdverseEvent?_summary=count&_count=0").get_json()["total"]
    hospital.post("/AdverseEvent/$validate?mode=create", SOUND)
    hospital.post("/AdverseEvent/mine/$validate?mode=update", SOUND | {"id": "mine"})
    assert hospital.get("/AdverseEvent?_count=0").get_json()["total"] == before


def test_the_mode_update_compares_with_what_is_stored(hospital):
    created = hospital.create(SOUND)
    path = f"/AdverseEvent/{created['id']}/$validate?mode=update"
    assert errors(hospital.post(path, created)) == []
    assert errors(hospital.post(path, created | {"id": "other"})) == ["AdverseEvent.id"]
    relabelled = created | {"meta": designated("not-pswp")["meta"]}
    assert errors(hospital.post(path, relabelled)) == ["AdverseEvent.meta.security[0]"]


def test_the_mode_delete_says_what_must_be_kept(hospital, pso):
    fresh = hospital.create(patient())
    assert errors(hospital.post(f"/Patient/{fresh['id']}/$validate?mode=delete", asked())) == []
    assert errors(hospital.get(f"/Patient/{fresh['id']}/$validate?mode=delete")) == []
    event = hospital.create(SOUND)
    recipient = {"name": "recipient", "valueReference": {"reference": "Organization/pso-p"}}
    report = {"resourceType": "Parameters", "parameter": [recipient]}
    assert hospital.post(f"/AdverseEvent/{event['id']}/$pswp-report", report).status_code == 200
    path = f"/AdverseEvent/{event['id']}/$validate?mode=delete"
    assert [each["code"] for each in issues(hospital.get(path))] == ["conflict"]
    assert [each["code"] for each in issues(pso.get(path))] == ["forbidden"]
    assert hospital.get(f"/AdverseEvent/{event['id']}").status_code == 200


@pytest.mark.parametrize("mode", ["", "?mode=delete", f"?mode=profile&profile={PROFILE}"])
def test_what_another_organization_stored_does_not_exist(hospital, rival, mode):
    event = hospital.create(SOUND)
    hidden = rival.get(f"/AdverseEvent/{event['id']}/$validate{mode}")
    unknown = rival.get(f"/AdverseEvent/none-such/$validate{mode}")
    assert_refused(hidden, 404, "not-found")
    assert hidden.get_json() == _named(unknown.get_json(), "none-such", event["id"])


def test_an_update_of_what_another_organization_stored_is_as_if_there_were_none(hospital, rival):
    event = hospital.create(SOUND)
    paths = [f"/AdverseEvent/{each}/$validate?mode=update" for each in (event["id"], "none-such")]
    bodies = [SOUND | {"id": event["id"]}, SOUND | {"id": "none-such"}]
    answers = [rival.post(path, body) for path, body in zip(paths, bodies, strict=True)]
    assert answers[0].get_json() == answers[1].get_json()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("GET", "/$validate", None, id="nothing to validate"),
        pytest.param("GET", "/Patient/$validate", None, id="a type and no resource"),
        pytest.param("POST", "/Patient/$validate", asked(mode="create"), id="create of nothing"),
        pytest.param("POST", "/Patient/$validate", asked(patient(), mode="read"), id="a bad mode"),
        pytest.param("POST", "/Patient/$validate?mode=delete", patient(), id="delete of a type"),
        pytest.param("POST", "/Patient/1/$validate?mode=create", patient(), id="create of an id"),
        pytest.param("POST", "/Patient/$validate?mode=update", patient(), id="update without id"),
        pytest.param("POST", "/Patient/$validate?mode=profile", patient(), id="no profile"),
        pytest.param(
            "POST", "/$validate", asked(patient()) | {"parameter": 1}, id="broken Parameters"
        ),
        pytest.param(
            "POST", "/Patient/$validate?mode=create", asked(patient(), mode="update"), id="2"
        ),
        pytest.param("POST", "/Patient/$validate?strict=true", patient(), id="unknown parameter"),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused(hospital, method, path, body):
    assert hospital.send(method, path, body).status_code == 400


def test_who_has_no_token_validates_nothing(app):
    assert app.test_client().post("/fhir/Patient/$validate", json=patient()).status_code == 401


def test_resources_in_a_bundle_are_judged_by_what_they_claim(hospital):
    event = adverse_event(meta={"profile": [PROFILE]})
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [entry("POST", "AdverseEvent", event)],
    }
    found = errors(hospital.post("/Bundle/$validate", bundle))
    assert "Bundle.entry[0].resource.identifier" in found


def _named(body: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    for issue in body["issue"]:
        issue["diagnostics"] = issue["diagnostics"].replace(old, new)
    return body


LINE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
COLUMN = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"


def place(issue: dict[str, Any]) -> tuple[int, int]:
    found = {each["url"]: each.get("valueInteger") for each in issue["extension"]}
    return found[LINE], found[COLUMN]


def test_an_issue_says_line_and_column_in_json(hospital):
    body = b'{\n "resourceType": "Patient",\n "gender": "odd"\n}'
    (issue,) = issues(hospital.post("/Patient/$validate", body))
    assert place(issue) == (3, 2)
    wrapped = b'{"resourceType": "Parameters", "parameter": [{"name": "resource", "resource":\n'
    (issue,) = issues(hospital.post("/Patient/$validate", wrapped + body + b"}]}"))
    assert place(issue) == (4, 2)
    refused = hospital.post("/Patient", body)
    assert place(assert_refused(refused, 400, "code-invalid", "Patient.gender")) == (3, 2)


def test_an_issue_says_line_and_column_in_xml(hospital):
    body = b'<Patient xmlns="http://hl7.org/fhir">\n  <gender value="odd"/>\n</Patient>'
    answer = hospital.send("POST", "/Patient/$validate", body, Content_Type="application/fhir+xml")
    (issue,) = issues(answer)
    assert place(issue) == (2, 3)


def test_what_is_stored_has_no_line(hospital):
    created = hospital.create(patient(meta={"profile": ["http://example.org/none"]}))
    (issue,) = issues(hospital.get(f"/Patient/{created['id']}/$validate"))
    assert [each["url"].rpartition("/")[2] for each in issue["extension"]] == ["issue-profile"]


def test_an_issue_has_a_code_for_machines_and_names_its_profile_and_slice(hospital):
    event = adverse_event(meta={"profile": [PROFILE]}, **ID)
    found = issues(hospital.post("/AdverseEvent/$validate", event))
    missing = found[-1]
    assert missing["expression"] == ["AdverseEvent.meta.security"]
    told = {each["url"].rpartition("/")[2]: each for each in missing["extension"]}
    assert told["issue-profile"]["valueCanonical"] == PROFILE
    assert told["issue-slice"]["valueString"] == "designation"
    system = "https://psolink.example/fhir/CodeSystem/validation-issue"
    assert missing["details"]["coding"] == [{"system": system, "code": "profile-minimum"}]


def test_profiles_are_judged_on_what_is_sound_of_a_broken_resource(hospital):
    event = adverse_event(meta={"profile": [PROFILE]}, date="not a date", identifier={"system": 5})
    found = errors(hospital.post("/AdverseEvent/$validate", event))
    assert found[:2] == ["AdverseEvent.date", "AdverseEvent.identifier.system"]
    assert "AdverseEvent.meta.security" in found
    assert "AdverseEvent.identifier" not in found


@pytest.mark.parametrize(
    "content",
    [
        {"name": [{"given": [5, "A"]}, 7], "meta": {"profile": ["x", 3]}},
        {"contained": [{"resourceType": "Basic"}, 4, {"resourceType": 5}]},
        {"extension": [{"url": 5}, {"valueString": {}}], "text": {"div": 1}},
        {"meta": [], "gender": [], "birthDate": {}},
    ],
)
def test_what_is_broken_in_any_way_is_judged_and_never_fails(hospital, content):
    answer = hospital.post(f"/Patient/$validate?profile={NAMES}", patient(**content))
    assert errors(answer)


NAMES = "https://psolink.example/fhir/StructureDefinition/pso-organization"
