"""Common Formats reports over HTTP."""

import copy
import json

import pytest
from tests.http.conftest import assert_refused

from psolink.artifacts import artifact_dir

REPORTS = sorted((artifact_dir("mappings") / "examples").glob("*.json"))


def resources(answer):
    assert answer.status_code == 200, answer.text
    return [each["resource"] for each in answer.get_json()["entry"]]


def one(found, kind):
    [resource] = [each for each in found if each["resourceType"] == kind]
    return resource


@pytest.fixture
def report():
    return json.loads(REPORTS[0].read_text())


def with_event_id(report, event_id):
    """Return the report under another event id (DE2, LOINC 74081-1)."""
    changed = copy.deepcopy(report)

    def walk(items):
        for item in items:
            if item["linkId"] == "DE2" or item["linkId"].endswith("74081-1"):
                item["answer"] = [{"valueString": event_id}]
            walk(item.get("item", []))

    walk(changed["item"])
    return changed


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_becomes_an_event_with_its_companions(hospital, path):
    sent = with_event_id(json.loads(path.read_text()), path.stem)
    found = resources(hospital.post("/$submit-common-formats", sent))
    event = one(found, "AdverseEvent")
    assert {"actuality", "category", "event", "identifier", "suspectEntity"} <= event.keys()
    kept = one(found, "QuestionnaireResponse")
    assert kept["item"] == sent["item"]
    provenance = one(found, "Provenance")
    entity = provenance["entity"][0]["what"]["reference"]
    assert entity == f"QuestionnaireResponse/{kept['id']}"
    assert f"AdverseEvent/{event['id']}" in [each["reference"] for each in provenance["target"]]


def test_everything_of_a_report_is_work_product(hospital, rival, report):
    found = resources(hospital.post("/$submit-common-formats", with_event_id(report, "pswp")))
    for each in found:
        path = f"/{each['resourceType']}/{each['id']}"
        assert hospital.get(path).status_code == 200
        assert rival.get(path).status_code == 404


def test_the_same_report_again_changes_nothing(hospital, report):
    sent = with_event_id(report, "again")
    first = resources(hospital.post("/$submit-common-formats", sent))
    answer = hospital.post("/$submit-common-formats", sent)
    assert {each["response"]["status"] for each in answer.get_json()["entry"]} == {"200 OK"}
    assert sorted(each["id"] for each in resources(answer)) == sorted(each["id"] for each in first)


def test_another_report_under_the_same_event_id_is_refused(hospital, report):
    sent = with_event_id(report, "taken")
    hospital.post("/$submit-common-formats", sent)
    answer = hospital.post("/$submit-common-formats", sent | {"authored": "2026-02-02"})
    assert_refused(answer, 409, "conflict")


def test_two_organizations_may_use_the_same_event_id(hospital, rival, report):
    sent = with_event_id(report, "shared")
    for sender in (hospital, rival):
        answer = sender.post("/$submit-common-formats", sent)
        assert answer.get_json()["entry"][0]["response"]["status"] == "201 Created"


def test_extract_returns_the_bundle_and_stores_nothing(hospital, report):
    before = hospital.get("/AdverseEvent?_summary=count").get_json()["total"]
    answer = hospital.post("/QuestionnaireResponse/$extract", report)
    bundle = answer.get_json()
    kinds = [each["resource"]["resourceType"] for each in bundle["entry"]]
    assert kinds[0] == "AdverseEvent"
    assert "Provenance" in kinds
    assert kinds[-1] == "OperationOutcome"
    assert hospital.get("/AdverseEvent?_summary=count").get_json()["total"] == before


def test_the_report_can_come_inside_parameters(hospital, report):
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "report", "resource": with_event_id(report, "inside")}],
    }
    assert hospital.post("/$submit-common-formats", parameters).status_code == 200


@pytest.mark.parametrize("path", ["/$submit-common-formats", "/QuestionnaireResponse/$extract"])
def test_a_questionnaire_that_is_no_common_formats_report_is_refused(hospital, path):
    sent = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": "1", "answer": [{"valueString": "x"}]}],
    }
    answer = hospital.post(path, sent)
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["issue"][0]["diagnostics"]


def test_who_has_no_clearance_can_not_submit(actors, report):
    assert actors["outsider"].post("/$submit-common-formats", report).status_code == 403


def test_reporting_the_event_reports_what_it_was_derived_from(hospital, pso, report):
    found = resources(hospital.post("/$submit-common-formats", with_event_id(report, "whole")))
    event = one(found, "AdverseEvent")
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "recipient", "valueReference": {"reference": "Organization/pso-p"}}],
    }
    hospital.post(f"/AdverseEvent/{event['id']}/$pswp-report", parameters)
    for each in found:
        assert pso.get(f"/{each['resourceType']}/{each['id']}").status_code == 200


def test_every_answer_that_is_not_mapped_is_listed(hospital, report):
    sent = with_event_id(report, "listed")
    sent["item"].append({"linkId": "unheard/1", "answer": [{"valueString": "kept"}]})
    for _ in range(2):
        entry = hospital.post("/$submit-common-formats", sent).get_json()["entry"][0]
        assert entry["resource"]["resourceType"] == "QuestionnaireResponse"
        issues = entry["response"]["outcome"]["issue"]
        assert any("unheard/1" in issue["diagnostics"] for issue in issues)
