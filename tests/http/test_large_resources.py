"""A Binary that is larger than a document of the database, through HTTP."""

import pytest
from tests.http.conftest import assert_refused

CONTENT = "QUJD" * 5_000_000


def binary(content=CONTENT, **more):
    return {
        "resourceType": "Binary",
        "contentType": "application/octet-stream",
        "data": content,
    } | more


@pytest.fixture(scope="module")
def stored(actors):
    return actors["hospital-a"].create(binary())


def test_it_is_read_by_instance_and_by_version(hospital, stored):
    for path in ("", "/_history/1"):
        assert hospital.get(f"/Binary/{stored['id']}{path}").get_json() == stored


def test_it_is_a_search_result_and_a_part_of_history(hospital, stored):
    for path in (f"?_id={stored['id']}", f"/{stored['id']}/_history"):
        [entry] = hospital.get(f"/Binary{path}").get_json()["entry"]
        assert entry["resource"] == stored


def test_it_is_patched_updated_and_deleted_while_its_versions_stay(hospital):
    created = hospital.create(binary())
    path = f"/Binary/{created['id']}"
    patch = [{"op": "replace", "path": "/contentType", "value": "text/plain"}]
    patched = hospital.send("PATCH", path, patch, Content_Type="application/json-patch+json")
    assert patched.status_code == 200, patched.text[:500]
    assert patched.get_json()["data"] == CONTENT
    hospital.put(path, binary("QUJD", id=created["id"]))
    assert hospital.delete(path).status_code == 204
    lengths = [
        len(hospital.get(f"{path}/_history/{number}").get_json()["data"]) for number in (1, 2, 3)
    ]
    assert lengths == [len(CONTENT), len(CONTENT), 4]


def test_a_body_beyond_the_setting_is_refused(hospital):
    assert_refused(hospital.post("/Binary", binary(CONTENT * 2)), 413, "too-long")


def test_another_organization_does_not_see_it(rival, stored):
    assert_refused(rival.get(f"/Binary/{stored['id']}"), 404, "not-found")
