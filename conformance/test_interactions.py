"""The interactions: https://hl7.org/fhir/R4/http.html"""

from uuid import uuid4

import pytest


def test_capabilities_say_r4(hospital):
    statement = hospital.send("GET", "/metadata").json()
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["fhirVersion"] == "4.0.1"


def test_a_resource_lives_from_create_to_delete(hospital):
    created = hospital.send("POST", "/Patient", {"resourceType": "Patient", "active": True})
    assert created.status_code == 201
    location = created.headers["Location"].removesuffix("/_history/1").removeprefix(hospital.base)
    read = hospital.send("GET", location)
    assert (read.status_code, read.headers["ETag"]) == (200, 'W/"1"')
    updated = hospital.send("PUT", location, read.json() | {"active": False})
    assert (updated.status_code, updated.headers["ETag"]) == (200, 'W/"2"')
    assert hospital.send("GET", f"{location}/_history/1").json()["active"] is True
    assert hospital.send("DELETE", location).status_code in (200, 204)
    assert hospital.send("GET", location).status_code == 410
    assert hospital.send("GET", f"{location}/_history").json()["type"] == "history"


@pytest.mark.parametrize(
    ("method", "path", "body", "statuses"),
    [
        pytest.param("GET", "/Patient/unknown", None, {404}, id="an unknown id"),
        pytest.param("GET", "/Patint/1", None, {404}, id="an unknown type"),
        pytest.param("GET", "/Patient?unheard=1", None, {400}, id="an unknown parameter"),
        pytest.param("POST", "/Patient", {"resourceType": "Device"}, {400, 422}, id="another type"),
        pytest.param(
            "POST",
            "/Patient",
            {"resourceType": "Patient", "gender": "odd"},
            {400, 422},
            id="a bad code",
        ),
        pytest.param(
            "POST",
            "/Patient",
            {"resourceType": "Patient", "birthDate": "2020-02-30"},
            {400, 422},
            id="a day that is none",
        ),
        pytest.param(
            "PUT",
            "/Patient/a_b",
            {"resourceType": "Patient", "id": "a_b"},
            {400, 422},
            id="a bad id",
        ),
    ],
)
def test_a_bad_request_is_refused_with_an_outcome(hospital, method, path, body, statuses):
    answer = hospital.send(method, path, body)
    assert answer.status_code in statuses
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_transaction_with_a_fault_stores_nothing(hospital):
    value = str(uuid4())
    good = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:conformance", "value": value}],
    }
    resources = [good, {"resourceType": "Patient", "gender": "odd"}]
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": r, "request": {"method": "POST", "url": "Patient"}} for r in resources
        ],
    }
    assert hospital.send("POST", "", bundle).status_code in (400, 422)
    found = hospital.send("GET", f"/Patient?identifier=urn:conformance|{value}").json()
    assert found["total"] == 0


def test_a_resource_of_another_organization_does_not_exist(hospital, rival):
    created = hospital.send("POST", "/Patient", {"resourceType": "Patient"}).json()
    assert rival.send("GET", f"/Patient/{created['id']}").status_code == 404
    assert rival.send("GET", f"/Patient?_id={created['id']}").json()["total"] == 0
