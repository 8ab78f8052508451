"""Read, version read, delete and the history of a resource."""

import pytest
from tests.builders import adverse_event, patient
from tests.http.conftest import assert_refused


def test_read_answers_304_to_who_has_the_version(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    assert hospital.get(path, If_None_Match='W/"1"').status_code == 304
    assert hospital.get(path, If_None_Match='W/"2"').status_code == 200


def test_read_of_what_is_not_there_is_404(hospital):
    assert_refused(hospital.get("/Patient/nobody"), 404, "not-found")


def test_a_deleted_resource_is_gone_and_its_versions_stay(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    assert hospital.delete(path).status_code == 204
    assert_refused(hospital.get(path), 410, "deleted")
    assert hospital.get(f"{path}/_history/1").get_json() == created
    assert_refused(hospital.get(f"{path}/_history/2"), 410, "deleted")
    assert hospital.get(f"/Patient?_id={created['id']}").get_json()["total"] == 0


def test_deleting_again_changes_nothing(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    hospital.delete(path)
    assert hospital.delete(path).status_code == 204
    assert hospital.get(f"{path}/_history").get_json()["total"] == 2


def test_delete_keeps_what_a_stale_version_names(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    assert_refused(hospital.delete(path, If_Match='W/"9"'), 412, "conflict")
    assert hospital.get(path).status_code == 200


def test_deleting_what_is_not_there_is_404(hospital):
    assert_refused(hospital.delete("/Patient/nobody"), 404, "not-found")


def test_history_tells_each_version_newest_first(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    hospital.put(path, created)
    hospital.delete(path)
    bundle = hospital.get(f"{path}/_history").get_json()
    assert (bundle["type"], bundle["total"]) == ("history", 3)
    told = [(each["request"]["method"], each["response"]["etag"]) for each in bundle["entry"]]
    assert told == [("DELETE", 'W/"3"'), ("PUT", 'W/"2"'), ("POST", 'W/"1"')]
    assert "resource" not in bundle["entry"][0]


@pytest.mark.parametrize("version", ["0", "2", "x", "1x", "99999999999999999999", "-1", "\u0661"])
def test_a_version_that_was_never_written_is_404(hospital, version):
    created = hospital.create(patient())
    answer = hospital.get(f"/Patient/{created['id']}/_history/{version}")
    assert_refused(answer, 404, "not-found")


@pytest.mark.parametrize("suffix", ["", "/_history", "/_history/1"])
@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "pso-q", "outsider", "admin", "auditor"])
def test_nobody_else_learns_of_an_event(actors, hospital, actor, suffix):
    created = hospital.create(adverse_event())
    hidden = actors[actor].get(f"/AdverseEvent/{created['id']}{suffix}")
    unknown = actors[actor].get(f"/AdverseEvent/{'0' * 36}{suffix}")
    assert hidden.status_code == unknown.status_code
    assert hidden.status_code in (403, 404)
    assert hidden.text.replace(created["id"], "0" * 36) == unknown.text


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
def test_nobody_else_can_delete_an_event_or_learns_of_it(actors, hospital, actor):
    created = hospital.create(adverse_event())
    path = f"/AdverseEvent/{created['id']}"
    assert_refused(actors[actor].delete(path), 404, "not-found")
    assert hospital.get(path).status_code == 200
