"""Who sees work product, and that nobody can strip what says so (42 CFR Part 3)."""

import pytest
from tests.builders import (
    DESIGNATION,
    adverse_event,
    bundle,
    designated,
    entry,
    identifier,
    patient,
    report_to,
)
from tests.http.conftest import assert_refused

POLICY = DESIGNATION.replace("designation", "policy")
COMPARTMENT = DESIGNATION.replace("designation", "compartment")


def labels(resource, system=DESIGNATION):
    return [each["code"] for each in resource["meta"]["security"] if each["system"] == system]


def test_an_event_without_a_designation_is_undetermined(hospital):
    assert labels(hospital.create(adverse_event())) == ["undetermined"]


def test_an_event_gets_the_designation_it_asks_for_and_the_labels_of_it(hospital):
    created = hospital.create(designated("pswp-pending"))
    assert labels(created) == ["pswp-pending"]
    assert labels(created, POLICY) == ["PSQIA"]
    assert labels(created, COMPARTMENT) == ["PSES:hospital-a"]


def test_outside_meta_an_event_reads_back_as_it_was_sent(hospital):
    sent = designated("pswp-pending", identifier=identifier("as-sent"))
    created = hospital.create(sent)
    assert {**created, "id": 0, "meta": 0} == {**sent, "id": 0, "meta": 0}


def test_a_clinical_resource_is_ordinary_data(hospital):
    assert "security" not in hospital.create(patient())["meta"]


@pytest.mark.parametrize(
    "code",
    ["pswp-reported", "pswp-anonymized", "nonidentifiable-released", "not-pswp-removed", "x"],
)
def test_a_designation_that_only_an_operation_gives_is_refused(hospital, code):
    answer = hospital.post("/AdverseEvent", designated(code))
    assert answer.status_code == 422
    assert "AdverseEvent.meta.security[0]" in answer.get_json()["issue"][0]["expression"]


def test_the_chart_can_not_be_work_product(hospital):
    labelled = patient(meta={"security": [{"system": DESIGNATION, "code": "pswp-pending"}]})
    assert hospital.post("/Patient", labelled).status_code == 422


@pytest.mark.parametrize(
    "meta",
    [
        pytest.param(None, id="no meta"),
        pytest.param({}, id="an empty meta"),
        pytest.param({"tag": [{"code": "x"}]}, id="a meta without labels"),
        pytest.param(
            {"versionId": "9", "lastUpdated": "2000-01-01T00:00:00Z"}, id="a meta of its own"
        ),
    ],
)
def test_an_update_can_not_strip_labels(hospital, meta):
    created = hospital.create(designated("pswp-pending"))
    sent = {name: value for name, value in created.items() if name != "meta"}
    if meta:
        sent["meta"] = meta
    path = f"/AdverseEvent/{created['id']}"
    assert hospital.put(path, sent).status_code == 200
    after = hospital.get(path).get_json()
    assert after["meta"]["security"] == created["meta"]["security"]
    assert after["meta"]["extension"] == created["meta"]["extension"]


@pytest.mark.parametrize("code", ["not-pswp-original", "pswp-reported", "undetermined"])
def test_an_update_can_not_change_the_designation(hospital, code):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    answer = hospital.put(path, designated(code, id=created["id"]))
    assert answer.status_code == 422
    in_bundle = entry("PUT", path[1:], designated(code, id=created["id"]))
    assert hospital.post("", bundle("transaction", in_bundle)).status_code == 422
    assert labels(hospital.get(path).get_json()) == ["pswp-pending"]


def test_deleting_and_putting_again_does_not_strip_the_designation(hospital):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    hospital.delete(path)
    assert hospital.put(path, designated("not-pswp-original", id=created["id"])).status_code == 422
    assert hospital.put(path, adverse_event(id=created["id"])).status_code == 201
    assert labels(hospital.get(path).get_json()) == ["pswp-pending"]


@pytest.mark.parametrize("actor", ["outsider", "admin"])
def test_who_has_no_clearance_can_not_write_work_product(actors, actor):
    assert actors[actor].post("/AdverseEvent", adverse_event()).status_code == 403


def test_a_report_lets_the_pso_read_and_nobody_else(actors, hospital, pso):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    assert pso.get(path).status_code == 404
    answer = hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    assert answer.status_code == 200, answer.text
    assert labels(pso.get(path).get_json()) == ["pswp-reported"]
    assert pso.get(f"/AdverseEvent?_id={created['id']}").get_json()["total"] == 1
    for name in ("pso-q", "hospital-b", "outsider", "admin", "auditor"):
        assert actors[name].get(path).status_code in (403, 404)


def test_the_pso_sees_only_the_versions_that_were_reported(hospital, pso):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    assert pso.get(f"{path}/_history/1").status_code == 404
    assert pso.get(f"{path}/_history").get_json()["total"] == 1
    assert hospital.get(f"{path}/_history").get_json()["total"] == 2


def test_the_pso_can_not_change_what_was_reported_to_it(hospital, pso):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    held = pso.get(path).get_json()
    assert_refused(pso.put(path, held), 403, "forbidden")
    assert_refused(pso.delete(path), 403, "forbidden")
    assert_refused(pso.post(f"{path}/$pswp-report", report_to("pso-q")), 403, "forbidden")


def test_reporting_again_changes_nothing(hospital):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    first = hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    second = hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    assert first.headers["ETag"] == second.headers["ETag"] == 'W/"2"'


def test_a_reported_event_can_not_be_deleted(hospital):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    assert_refused(hospital.delete(path), 409, "conflict")


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [
        pytest.param("pso-q", "NO-CONTRACT", id="a PSO without a contract"),
        pytest.param("hospital-b", "NO-CONTRACT", id="another provider"),
        pytest.param("nobody", "NO-CONTRACT", id="an unknown organization"),
    ],
)
def test_a_report_to_whom_it_may_not_go_is_refused(hospital, recipient, reason):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    answer = hospital.post(f"{path}/$pswp-report", report_to(recipient))
    assert answer.status_code == 403, answer.text
    assert labels(hospital.get(path).get_json()) == ["pswp-pending"]


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param([], id="no recipient"),
        pytest.param([{"name": "recipient", "valueString": "pso-p"}], id="another type"),
        pytest.param([{"name": "unheard", "valueString": "x"}], id="an unknown parameter"),
        pytest.param(report_to("pso-p")["parameter"] * 2, id="a parameter twice"),
        pytest.param([{"name": "recipient", "valueReference": {"display": "P"}}], id="no target"),
        pytest.param(
            [*report_to("pso-p")["parameter"], {"name": "mode", "valueCode": "x"}], id="a bad mode"
        ),
    ],
)
def test_a_report_with_wrong_parameters_is_refused(hospital, parameters):
    created = hospital.create(designated("pswp-pending"))
    body = {"resourceType": "Parameters"} | ({"parameter": parameters} if parameters else {})
    answer = hospital.post(f"/AdverseEvent/{created['id']}/$pswp-report", body)
    assert answer.status_code in (400, 422), answer.text


def test_a_report_of_what_is_hidden_is_404(hospital, rival):
    created = hospital.create(designated("pswp-pending"))
    answer = rival.post(f"/AdverseEvent/{created['id']}/$pswp-report", report_to("pso-p"))
    assert_refused(answer, 404, "not-found")


def test_what_is_no_work_product_can_not_be_reported(hospital):
    created = hospital.create(designated("not-pswp-original"))
    answer = hospital.post(f"/AdverseEvent/{created['id']}/$pswp-report", report_to("pso-p"))
    assert answer.status_code in (403, 422)


def test_a_report_leaves_a_disclosure_and_an_audit(hospital, mongodb, settings):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    database = mongodb[settings.database]
    item = f"hospital-a/AdverseEvent/{created['id']}"
    assert database["disclosures"].count_documents({"item": item}) == 1
    assert database["audit"].count_documents({"item": item}) == 2
    assert "Patient/someone" not in str(list(database["audit"].find()))


def test_a_report_is_told_by_a_provenance_that_both_parties_see(hospital, pso, rival):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    hospital.post(f"{path}/$pswp-report", report_to("pso-p"))
    query = f"/Provenance?target=AdverseEvent/{created['id']}"
    [told] = hospital.get(query).get_json()["entry"]
    assert labels(told["resource"]) == ["pswp-fact-of-reporting"]
    assert pso.get(query).get_json()["total"] == 1
    assert rival.get(query).get_json()["total"] == 0


def test_a_logical_id_that_the_pso_holds_already_is_refused(hospital, pso):
    pso.put("/AdverseEvent/chosen", adverse_event(id="chosen"))
    hospital.put("/AdverseEvent/chosen", designated("pswp-pending", id="chosen"))
    answer = hospital.post("/AdverseEvent/chosen/$pswp-report", report_to("pso-p"))
    assert_refused(answer, 409, "conflict")
    assert hospital.get("/AdverseEvent/chosen").headers["ETag"] == 'W/"1"'


def test_a_pso_can_not_choose_the_id_of_what_it_holds(hospital, pso):
    hospital.put("/AdverseEvent/held", designated("pswp-pending", id="held"))
    hospital.post("/AdverseEvent/held/$pswp-report", report_to("pso-p"))
    assert_refused(pso.put("/AdverseEvent/held", adverse_event(id="held")), 403, "forbidden")
