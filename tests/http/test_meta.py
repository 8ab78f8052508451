"""$meta, $meta-add and $meta-delete. https://hl7.org/fhir/R4/resource-operation-meta.html."""

from typing import Any

import pytest
from tests.builders import DESIGNATION, adverse_event, designated, patient, report_to
from tests.http.conftest import Actor, assert_refused

from psolink.fhir_json import CANONICAL

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
MANAGED = [
    pytest.param(DESIGNATION, "pswp-pending", id="the designation"),
    pytest.param(f"{CANONICAL}/CodeSystem/pswp-policy", "PSQIA", id="the policy"),
    pytest.param(f"{CANONICAL}/CodeSystem/pswp-compartment", "hospital-a", id="a compartment"),
    pytest.param(CONFIDENTIALITY, "R", id="the confidentiality of work product"),
]


def tag(code: str, system: str = "https://hospital-a.example/tags", **more: str) -> dict[str, str]:
    return {"system": system, "code": code} | more


def parameters(**meta: Any) -> dict[str, Any]:
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "meta", "valueMeta": meta}],
    }


def meta_of(answer) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    [returned] = answer.get_json()["parameter"]
    assert returned["name"] == "return"
    meta: dict[str, Any] = returned.get("valueMeta", {})
    return meta


def path_of(resource: dict[str, Any]) -> str:
    return f"/{resource['resourceType']}/{resource['id']}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_meta_of_a_resource_is_its_meta(hospital: Actor, method):
    created = hospital.create(patient(meta={"tag": [tag("one")]}))
    answer = hospital.send(method, f"{path_of(created)}/$meta")
    assert meta_of(answer) == created["meta"]
    assert answer.headers["ETag"] == 'W/"1"'


def test_meta_of_a_type_holds_each_label_of_it_once(hospital: Actor):
    basic = {"resourceType": "Basic", "code": {"text": "x"}}
    for labels in ([tag("a")], [tag("a", display="A"), tag("b")]):
        hospital.create(basic | {"meta": {"tag": labels}})
    hospital.create(patient(meta={"tag": [tag("of-a-patient")]}))
    found = meta_of(hospital.get("/Basic/$meta"))
    assert [each["code"] for each in found["tag"]] == ["a", "b"]
    assert set(found) == {"tag"}


def test_meta_of_the_system_holds_the_labels_of_every_type(hospital: Actor):
    hospital.create(patient(meta={"profile": ["https://hospital-a.example/p"]}))
    hospital.create({"resourceType": "Basic", "code": {"text": "x"}, "meta": {"tag": [tag("s")]}})
    found = meta_of(hospital.get("/$meta"))
    assert "https://hospital-a.example/p" in found["profile"]
    assert "s" in [each["code"] for each in found["tag"]]


def test_meta_tells_nothing_of_what_others_hold(hospital: Actor, rival: Actor):
    hospital.create(adverse_event(meta={"tag": [tag("confidential")]}))
    for path in ("/$meta", "/AdverseEvent/$meta"):
        found = meta_of(rival.get(path))
        assert "confidential" not in [each["code"] for each in found.get("tag", [])]
    hidden = hospital.create(patient())
    assert_refused(rival.get(f"{path_of(hidden)}/$meta"), 404, "not-found")


def test_meta_add_joins_what_is_there_and_makes_a_version(hospital: Actor):
    created = hospital.create(patient(active=True, meta={"tag": [tag("one", display="First")]}))
    sent = parameters(
        tag=[tag("one", display="Other"), tag("two")], profile=["https://x.example/p"]
    )
    answer = hospital.post(f"{path_of(created)}/$meta-add", sent)
    found = meta_of(answer)
    assert found["tag"] == [tag("one", display="First"), tag("two")]
    assert found["profile"] == ["https://x.example/p"]
    assert answer.headers["ETag"] == 'W/"2"'
    read = hospital.get(path_of(created)).get_json()
    assert read == created | {"meta": found}
    assert hospital.get("/Patient?_tag=two").get_json()["total"] == 1


def test_meta_add_of_what_is_there_makes_no_version(hospital: Actor):
    created = hospital.create(patient(meta={"tag": [tag("same")]}))
    answer = hospital.post(f"{path_of(created)}/$meta-add", parameters(tag=[tag("same")]))
    assert meta_of(answer) == created["meta"]
    assert hospital.get(path_of(created)).headers["ETag"] == 'W/"1"'


def test_meta_delete_takes_labels_away_whatever_their_display(hospital: Actor):
    labels = {"tag": [tag("gone"), tag("two")], "profile": ["https://x.example/p"]}
    created = hospital.create(patient(meta=labels))
    sent = parameters(tag=[tag("gone", display="Any")], profile=["https://x.example/p"])
    found = meta_of(hospital.post(f"{path_of(created)}/$meta-delete", sent))
    assert found["tag"] == [tag("two")]
    assert "profile" not in found
    assert hospital.get("/Patient?_tag=gone").get_json()["total"] == 0


def test_meta_delete_of_what_is_not_there_makes_no_version(hospital: Actor):
    created = hospital.create(patient())
    answer = hospital.post(f"{path_of(created)}/$meta-delete", parameters(tag=[tag("none")]))
    assert meta_of(answer) == created["meta"]


@pytest.mark.parametrize(("system", "code"), MANAGED)
def test_meta_delete_refuses_what_the_server_manages(hospital: Actor, system, code):
    event = hospital.create(designated("pswp-pending"))
    sent = parameters(tag=[tag("x")], security=[tag(code, system)])
    answer = hospital.post(f"{path_of(event)}/$meta-delete", sent)
    assert_refused(answer, 422, "business-rule", "Parameters.parameter[0].valueMeta.security[0]")
    assert hospital.get(path_of(event)).get_json() == event


@pytest.mark.parametrize(
    ("system", "code"),
    [
        pytest.param(DESIGNATION, "not-pswp-original", id="another designation"),
        pytest.param(f"{CANONICAL}/CodeSystem/pswp-compartment", "pso-p", id="another holder"),
        pytest.param(CONFIDENTIALITY, "U", id="a lower confidentiality"),
    ],
)
def test_meta_add_refuses_what_the_server_manages(hospital: Actor, system, code):
    event = hospital.create(designated("pswp-pending"))
    sent = parameters(security=[tag(code, system)])
    assert_refused(hospital.post(f"{path_of(event)}/$meta-add", sent), 422, "business-rule")
    assert hospital.get(path_of(event)).get_json() == event


def test_meta_add_does_not_make_ordinary_content_work_product(hospital: Actor):
    created = hospital.create(patient())
    sent = parameters(security=[tag("pswp-pending", DESIGNATION)])
    assert_refused(hospital.post(f"{path_of(created)}/$meta-add", sent), 422, "business-rule")


def test_the_record_of_work_product_is_not_changed_by_meta_operations(hospital: Actor):
    event = hospital.create(designated("pswp-pending"))
    record = event["meta"]["extension"]
    for name in ("$meta-add", "$meta-delete"):
        answer = hospital.post(f"{path_of(event)}/{name}", parameters(extension=record))
        assert_refused(answer, 422, "business-rule", "Parameters.parameter[0].valueMeta.extension")


def test_labels_of_the_owner_are_changed_on_work_product(hospital: Actor):
    event = hospital.create(designated("pswp-pending"))
    found = meta_of(hospital.post(f"{path_of(event)}/$meta-add", parameters(tag=[tag("mine")])))
    assert found["tag"] == [tag("mine")]
    assert found["security"] == event["meta"]["security"]
    assert found["extension"] == event["meta"]["extension"]


def test_only_the_owner_changes_the_labels_of_what_was_reported(hospital: Actor, pso: Actor):
    event = hospital.create(designated("pswp-pending"))
    assert hospital.post(f"{path_of(event)}/$pswp-report", report_to("pso-p")).status_code == 200
    for name in ("$meta-add", "$meta-delete"):
        answer = pso.post(f"{path_of(event)}/{name}", parameters(tag=[tag("x")]))
        assert_refused(answer, 403, "forbidden")


@pytest.mark.parametrize("name", ["$meta", "$meta-add", "$meta-delete"])
def test_what_is_hidden_does_not_exist_for_meta_operations(hospital: Actor, rival: Actor, name):
    event = hospital.create(designated("pswp-pending"))
    sent = parameters(tag=[tag("x")]) if name != "$meta" else None
    hidden = rival.send("POST", f"{path_of(event)}/{name}", sent)
    unknown = rival.send("POST", f"/AdverseEvent/unknown/{name}", sent)
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.text.replace(event["id"], "unknown") == unknown.text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"resourceType": "Parameters"}, "meta is needed"),
        ({"resourceType": "Patient"}, "takes Parameters"),
        (
            {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueString": "x"}]},
            "valueMeta",
        ),
    ],
    ids=["no parameter", "another resource", "a value of another type"],
)
def test_meta_add_says_what_it_needs(hospital: Actor, body, why):
    created = hospital.create(patient())
    answer = hospital.post(f"{path_of(created)}/$meta-add", body)
    assert why in assert_refused(answer, 400, "invalid")["diagnostics"]


def test_an_operation_that_changes_something_is_not_called_by_get(hospital: Actor):
    created = hospital.create(patient())
    answer = hospital.get(f"{path_of(created)}/$meta-add")
    assert_refused(answer, 405, "not-supported")
    assert answer.headers["Allow"] == "POST"
