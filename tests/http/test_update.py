"""https://hl7.org/fhir/R4/http.html#update and #concurrency"""

from threading import Thread

import pytest
from tests.builders import patient
from tests.http.conftest import Actor, assert_refused


def test_update_writes_the_next_version(hospital):
    created = hospital.create(patient(active=True))
    path = f"/Patient/{created['id']}"
    answer = hospital.put(path, created | {"active": False})
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert hospital.get(path).get_json()["active"] is False


def test_update_to_an_unknown_id_creates(hospital):
    answer = hospital.put("/Patient/chosen", patient(id="chosen"))
    assert (answer.status_code, answer.headers["ETag"]) == (201, 'W/"1"')


def test_update_of_a_deleted_resource_creates_it_again(hospital):
    hospital.put("/Patient/phoenix", patient(id="phoenix"))
    hospital.delete("/Patient/phoenix")
    answer = hospital.put("/Patient/phoenix", patient(id="phoenix"))
    assert (answer.status_code, answer.headers["ETag"]) == (201, 'W/"3"')


def test_update_refuses_a_stale_version(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    hospital.put(path, created)
    assert_refused(hospital.put(path, created, If_Match='W/"1"'), 412, "conflict")
    assert hospital.put(path, created, If_Match='W/"2"').status_code == 200


def test_update_with_a_version_of_nothing_is_refused(hospital):
    answer = hospital.put("/Patient/nobody", patient(id="nobody"), If_Match='W/"1"')
    assert_refused(answer, 412, "conflict")


@pytest.mark.parametrize("value", ["x", 'W/"x"', "W/'1'", '"1" "2"', '"1",', ""])
def test_an_if_match_that_is_no_version_is_refused(hospital, value):
    created = hospital.create(patient())
    answer = hospital.put(f"/Patient/{created['id']}", created, If_Match=value)
    assert_refused(answer, 400, "invalid", "If-Match")


@pytest.mark.parametrize(
    "resource_id",
    [
        pytest.param("a_b", id="an underscore"),
        pytest.param("x" * 65, id="too long"),
        pytest.param("%C3%A4", id="a letter beyond ASCII"),
        pytest.param("a%00b", id="a control character"),
        pytest.param("$x", id="a dollar"),
    ],
)
def test_an_id_that_breaks_the_rules_is_refused(hospital, resource_id):
    answer = hospital.put(f"/Patient/{resource_id}", patient(id=resource_id))
    assert_refused(answer, 400, "invalid", "Patient.id")


@pytest.mark.parametrize("body_id", ["other", None])
def test_the_body_must_carry_the_id_of_the_url(hospital, body_id):
    body = patient(id=body_id) if body_id else patient()
    assert_refused(hospital.put("/Patient/chosen", body), 400, "invalid", "Patient.id")


def test_ids_of_two_organizations_do_not_meet(hospital, rival):
    hospital.put("/Patient/same", patient(id="same", active=True))
    answer = rival.put("/Patient/same", patient(id="same", active=False))
    assert answer.status_code == 201
    assert hospital.get("/Patient/same").get_json()["active"] is True


def simultaneously(app, token, count, send):
    """Send `count` requests at once and return their statuses in order."""
    statuses = []

    def one(number):
        statuses.append(send(Actor(app.test_client(), token), number).status_code)

    threads = [Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_of_simultaneous_updates_of_one_version_one_wins(app, hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    statuses = simultaneously(
        app, hospital.token, 12, lambda actor, _: actor.put(path, created, If_Match='W/"1"')
    )
    assert statuses == [200] + [412] * 11
    assert hospital.get(path).headers["ETag"] == 'W/"2"'


def test_simultaneous_updates_without_a_condition_get_a_version_each(app, hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    statuses = simultaneously(app, hospital.token, 12, lambda actor, _: actor.put(path, created))
    assert statuses == [200] * 12
    assert hospital.get(f"{path}/_history").get_json()["total"] == 13
