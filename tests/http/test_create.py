"""https://hl7.org/fhir/R4/http.html#create and #ccreate"""

from threading import Thread

import pytest
from tests.builders import adverse_event, identifier, patient
from tests.http.conftest import assert_refused


def test_create_answers_with_the_resource_and_where_it_is(hospital):
    answer = hospital.post("/Patient", patient(active=True))
    created = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Location"].endswith(f"/fhir/Patient/{created['id']}/_history/1")
    assert answer.headers["Last-Modified"]
    assert created["active"] is True


def test_create_ignores_the_id_that_the_client_sends(hospital):
    created = hospital.create(patient(id="mine"))
    assert created["id"] != "mine"


def test_what_was_sent_comes_back_digit_by_digit(hospital):
    sent = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
        b'"valueQuantity":{"value":107.50},"referenceRange":[{"low":{"value":1.00E-2}}]}'
    )
    answer = hospital.post("/Observation", sent)
    assert b'"value":107.50' in answer.data
    created = hospital.get(f"/Observation/{answer.get_json()['id']}")
    assert b'"value":107.50' in created.data
    assert b'"value":0.0100' in created.data


@pytest.mark.parametrize(
    ("preference", "kind"),
    [
        pytest.param("return=representation", "Patient", id="the resource"),
        pytest.param("return=OperationOutcome", "OperationOutcome", id="an outcome"),
    ],
)
def test_prefer_chooses_the_body(hospital, preference, kind):
    answer = hospital.post("/Patient", patient(), Prefer=preference)
    assert answer.get_json()["resourceType"] == kind


def test_prefer_minimal_gives_no_body(hospital):
    answer = hospital.post("/Patient", patient(), Prefer="return=minimal")
    assert (answer.status_code, answer.data) == (201, b"")
    assert answer.headers["Location"]


def test_a_body_of_another_type_than_the_url_is_refused(hospital):
    assert_refused(hospital.post("/Patient", adverse_event()), 400, "invalid", "resourceType")


def test_a_conditional_create_finds_what_is_there(hospital):
    sent = patient(identifier=[identifier("found")])
    condition = f"identifier={sent['identifier'][0]['system']}|found"
    first = hospital.post("/Patient", sent, If_None_Exist=condition)
    second = hospital.post("/Patient", sent, If_None_Exist=condition)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.get_json() == first.get_json()


def test_the_condition_of_a_create_may_be_in_its_url(hospital):
    sent = patient(identifier=[identifier("in-the-url")])
    first = hospital.post("/Patient?identifier=in-the-url&_pretty=true", sent)
    second = hospital.post("/Patient?identifier=in-the-url", sent)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.get_json() == first.get_json()


def test_two_conditions_of_a_create_are_refused(hospital):
    answer = hospital.post("/Patient?identifier=a", patient(), If_None_Exist="identifier=b")
    assert_refused(answer, 400, "invalid")


def test_a_create_with_a_condition_that_is_no_criteria_in_its_url_is_refused(hospital):
    assert_refused(hospital.post("/Patient?unknown=1", patient()), 400, "not-supported")


def test_a_conditional_create_that_matches_many_is_refused(hospital):
    for _ in range(2):
        hospital.create(patient(identifier=[identifier("many")]))
    answer = hospital.post("/Patient", patient(), If_None_Exist="identifier=many")
    assert_refused(answer, 412, "multiple-matches")


def test_a_conditional_create_stores_again_once_the_match_is_gone(hospital):
    sent = patient(identifier=[identifier("again")])
    first = hospital.post("/Patient", sent, If_None_Exist="identifier=again")
    hospital.delete(f"/Patient/{first.get_json()['id']}")
    second = hospital.post("/Patient", sent, If_None_Exist="identifier=again")
    third = hospital.post("/Patient", sent, If_None_Exist="identifier=again")
    assert (second.status_code, third.status_code) == (201, 200)


def test_a_conditional_create_does_not_see_other_organizations(hospital, rival):
    sent = patient(identifier=[identifier("shared")])
    first = hospital.post("/Patient", sent, If_None_Exist="identifier=shared")
    second = rival.post("/Patient", sent, If_None_Exist="identifier=shared")
    assert (first.status_code, second.status_code) == (201, 201)


@pytest.mark.parametrize("condition", ["", "?", "unknown=1", "identifier:sounds=x"])
def test_a_condition_that_is_no_criteria_is_refused(hospital, condition):
    answer = hospital.post("/Patient", patient(), If_None_Exist=condition)
    assert answer.status_code == 400


@pytest.mark.parametrize("round_", range(5))
def test_of_simultaneous_identical_conditional_creates_one_stores(app, actors, round_):
    token = actors["hospital-a"].token
    statuses = []

    def create():
        answer = type(actors["hospital-a"])(app.test_client(), token).post(
            "/Patient",
            patient(identifier=[identifier(f"race-{round_}")]),
            If_None_Exist=f"identifier=race-{round_}",
        )
        statuses.append(answer.status_code)

    threads = [Thread(target=create) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 11 + [201]
    found = actors["hospital-a"].get(f"/Patient?identifier=race-{round_}").get_json()
    assert found["total"] == 1
