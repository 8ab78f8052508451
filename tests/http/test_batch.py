"""https://hl7.org/fhir/R4/http.html#transaction"""

import pytest
from tests.builders import adverse_event, bundle, entry, identifier, patient
from tests.http.conftest import assert_refused


def test_entries_of_a_batch_succeed_and_fail_by_themselves(hospital):
    answer = hospital.post(
        "",
        bundle(
            "batch",
            entry("POST", "Patient", patient()),
            entry("POST", "Patient", patient(gender="odd")),
            entry("GET", "Patient/nobody"),
            entry("PUT", "Patient"),
            entry("POST", "Patient", patient(), ifNoneExist="identifier=batch"),
        ),
    )
    answers = [each["response"] for each in answer.get_json()["entry"]]
    assert [each["status"][:3] for each in answers] == ["201", "400", "404", "400", "201"]
    assert answers[1]["outcome"]["issue"][0]["code"] == "code-invalid"


def test_a_batch_searches_and_reads(hospital):
    created = hospital.create(patient(identifier=[identifier("searched")]))
    answer = hospital.post(
        "",
        bundle(
            "batch",
            entry("GET", "Patient?identifier=searched"),
            entry("GET", f"Patient/{created['id']}"),
            entry("GET", f"Patient/{created['id']}/_history/1"),
        ),
    )
    found, read, version = (each["resource"] for each in answer.get_json()["entry"])
    assert found["total"] == 1
    assert read == version == created


def test_the_same_batch_again_finds_what_it_stored(hospital):
    sent = bundle(
        "batch",
        entry("POST", "Patient", patient(identifier=[identifier("b")]), ifNoneExist="identifier=b"),
    )
    first, second = hospital.post("", sent), hospital.post("", sent)
    statuses = [each.get_json()["entry"][0]["response"]["status"] for each in (first, second)]
    assert statuses == ["201 Created", "200 OK"]


def test_prefer_representation_returns_the_resources(hospital):
    sent = bundle("batch", entry("POST", "Patient", patient(active=True)))
    plain = hospital.post("", sent).get_json()["entry"][0]
    full = hospital.post("", sent, Prefer="return=representation").get_json()["entry"][0]
    assert "resource" not in plain
    assert full["resource"]["active"] is True


def test_a_batch_hides_what_its_sender_may_not_see(hospital, rival):
    created = hospital.create(adverse_event())
    answer = rival.post("", bundle("batch", entry("GET", f"AdverseEvent/{created['id']}")))
    assert answer.get_json()["entry"][0]["response"]["status"] == "404 Not Found"


@pytest.mark.parametrize(
    ("body", "expression"),
    [
        pytest.param(patient(), "resourceType", id="no Bundle"),
        pytest.param(bundle("collection"), "Bundle.type", id="a Bundle that asks for nothing"),
        pytest.param({"resourceType": "Bundle"}, "Bundle.type", id="no type"),
        pytest.param(
            {"resourceType": "Bundle", "type": ["batch"]}, "Bundle.type", id="a list as type"
        ),
    ],
)
def test_the_base_takes_batches_and_transactions_only(hospital, body, expression):
    assert_refused(hospital.post("", body), 400, "invalid", expression)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param("x", id="a string"),
        pytest.param(["x"], id="a string as entry"),
        pytest.param([{"request": "x"}], id="a string as request"),
        pytest.param([{"request": {"method": "POST", "url": 5}}], id="a number as url"),
        pytest.param([{"request": {"method": "POST"}}], id="no url"),
        pytest.param([{"request": {"method": "FLY", "url": "Patient"}}], id="an unknown method"),
        pytest.param([], id="an empty list"),
        pytest.param([None], id="a null"),
        pytest.param([{}], id="an empty entry"),
    ],
)
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_malformed_bundle_is_refused(hospital, kind, entries):
    answer = hospital.post("", {"resourceType": "Bundle", "type": kind, "entry": entries})
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["resourceType"] == "OperationOutcome"
