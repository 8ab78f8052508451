"""Conditional read, update and delete: https://hl7.org/fhir/R4/http.html#cond-update"""

from dataclasses import replace
from uuid import uuid4

import pytest
from tests.builders import adverse_event, designated, identifier, patient, report_to
from tests.http.conftest import Actor, assert_refused

from psolink.app import create_app
from psolink.settings import ConditionalDelete


@pytest.fixture
def several(settings, mongodb, hospital):
    """The hospital on a server that lets one request delete two resources."""
    more = replace(
        settings, conditional_delete=ConditionalDelete.MULTIPLE, conditional_delete_limit=2
    )
    return Actor(create_app(more, mongodb).test_client(), hospital.token)


@pytest.fixture
def value():
    return str(uuid4())


def named(value, **content):
    return patient(identifier=[identifier(value)], **content)


def total(actor, value):
    return actor.get(f"/Patient?identifier={value}").get_json()["total"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"If_None_Match": 'W/"1"'}, 304, id="the current version"),
        pytest.param({"If_None_Match": 'W/"7", W/"1"'}, 304, id="a list with it"),
        pytest.param({"If_None_Match": "*"}, 304, id="any version"),
        pytest.param({"If_None_Match": 'W/"2"'}, 200, id="another version"),
        pytest.param({"If_None_Match": '"of another server"'}, 200, id="no tag of ours"),
        pytest.param({"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304, id="a late date"),
        pytest.param(
            {"If_Modified_Since": "Thu, 01 Jan 2015 00:00:00 GMT"}, 200, id="an early date"
        ),
        pytest.param({"If_Modified_Since": "yesterday"}, 200, id="no date"),
        pytest.param(
            {"If_None_Match": 'W/"2"', "If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
            200,
            id="a tag goes before a date",
        ),
    ],
)
def test_a_read_is_answered_304_to_who_has_the_version(hospital, headers, status):
    created = hospital.create(patient())
    answer = hospital.get(f"/Patient/{created['id']}", **headers)
    assert answer.status_code == status
    assert (answer.headers["ETag"], bool(answer.data)) == ('W/"1"', status == 200)


def test_what_a_read_said_of_its_time_makes_the_next_one_304(hospital):
    path = f"/Patient/{hospital.create(patient())['id']}"
    said = hospital.get(path).headers["Last-Modified"]
    assert hospital.get(path, If_Modified_Since=said).status_code == 304


def test_a_deleted_resource_is_gone_whatever_the_reader_has(hospital):
    path = f"/Patient/{hospital.create(patient())['id']}"
    hospital.delete(path)
    assert hospital.get(path, If_None_Match="*").status_code == 410


@pytest.mark.parametrize(
    "path", ["/Patient/{id}", "/Patient/{id}/_history/1", "/Patient", "/metadata"]
)
def test_head_answers_as_get_without_the_body(hospital, path):
    path = path.format(id=hospital.create(patient())["id"])
    full, head = hospital.get(path), hospital.send("HEAD", path)
    assert head.status_code == 200
    assert not head.data
    assert head.headers["Content-Length"] == str(len(full.data))
    assert head.headers.get("ETag") == full.headers.get("ETag")


def test_head_of_what_is_not_there_is_404(hospital):
    assert hospital.send("HEAD", "/Patient/nobody").status_code == 404


def test_an_update_by_criteria_creates_where_nothing_matches(hospital, value):
    answer = hospital.put(f"/Patient?identifier={value}", named(value))
    assert (answer.status_code, answer.headers["ETag"]) == (201, 'W/"1"')
    assert total(hospital, value) == 1


def test_an_update_by_criteria_writes_to_the_one_match(hospital, value):
    created = hospital.create(named(value))
    answer = hospital.put(f"/Patient?identifier={value}", named(value, active=True))
    assert (answer.status_code, answer.get_json()["id"]) == (200, created["id"])
    assert answer.headers["Location"].endswith(f"/Patient/{created['id']}/_history/2")


def test_an_update_by_criteria_that_match_several_is_refused(hospital, value):
    for _ in range(2):
        hospital.create(named(value))
    answer = hospital.put(f"/Patient?identifier={value}", named(value))
    assert_refused(answer, 412, "multiple-matches")


def test_an_update_by_criteria_takes_the_id_of_its_match(hospital, value):
    created = hospital.create(named(value))
    body = named(value, id=created["id"])
    assert hospital.put(f"/Patient?identifier={value}", body).status_code == 200


def test_an_update_by_criteria_refuses_another_id_than_that_of_its_match(hospital, value):
    hospital.create(named(value))
    answer = hospital.put(f"/Patient?identifier={value}", named(value, id="another"))
    assert_refused(answer, 400, "invalid", "Patient.id")


def test_an_update_by_criteria_without_a_match_creates_under_the_id_of_the_body(hospital, value):
    answer = hospital.put(f"/Patient?identifier={value}", named(value, id=value))
    assert (answer.status_code, answer.get_json()["id"]) == (201, value)


def test_an_update_by_criteria_does_not_overwrite_what_they_do_not_match(hospital, value):
    created = hospital.create(patient(active=True))
    answer = hospital.put(f"/Patient?identifier={value}", named(value, id=created["id"]))
    assert_refused(answer, 409, "conflict", "Patient.id")
    assert hospital.get(f"/Patient/{created['id']}").get_json() == created


def test_an_update_by_criteria_brings_back_what_was_deleted_under_the_id(hospital, value):
    hospital.put(f"/Patient/{value}", named(value, id=value))
    hospital.delete(f"/Patient/{value}")
    answer = hospital.put(f"/Patient?identifier={value}", named(value, id=value))
    assert (answer.status_code, answer.headers["ETag"]) == (201, 'W/"3"')


def test_an_update_by_criteria_may_create_where_clients_may_not_choose_ids(
    settings, mongodb, hospital, value
):
    strict = create_app(replace(settings, update_as_create=False), mongodb)
    actor = Actor(strict.test_client(), hospital.token)
    assert actor.put(f"/Patient?identifier={value}", named(value)).status_code == 201
    refused = actor.put(f"/Patient?identifier={value}x", named(f"{value}x", id=value))
    assert_refused(refused, 405, "not-supported")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"If_Match": 'W/"1"'}, 200, id="the version that is current"),
        pytest.param({"If_Match": 'W/"4", W/"1"'}, 200, id="a list with it"),
        pytest.param({"If_Match": "*"}, 200, id="any version"),
        pytest.param({"If_Match": 'W/"2"'}, 412, id="another version"),
        pytest.param({"If_None_Match": "*"}, 412, id="none"),
        pytest.param({"If_None_Match": 'W/"1"'}, 412, id="any but the current one"),
        pytest.param({"If_Match": "one"}, 400, id="no version"),
    ],
)
@pytest.mark.parametrize("target", ["/Patient/{id}", "/Patient?identifier={value}"])
def test_a_condition_on_the_version_holds_for_updates(hospital, value, target, headers, status):
    created = hospital.create(named(value))
    path = target.format(id=created["id"], value=value)
    assert hospital.put(path, created, **headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"If_None_Match": "*"}, 201), ({"If_Match": "*"}, 412), ({"If_Match": 'W/"1"'}, 412)],
)
def test_a_condition_on_the_version_holds_where_there_is_none(hospital, value, headers, status):
    answer = hospital.put(f"/Patient/{value}", patient(id=value), **headers)
    assert answer.status_code == status


def test_a_deleted_resource_comes_back_by_an_update(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    hospital.delete(path)
    assert hospital.put(path, created, If_None_Match="*").status_code == 201
    assert hospital.get(path).headers["ETag"] == 'W/"3"'


def test_a_deleted_event_comes_back_as_the_work_product_that_it_was(hospital):
    created = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{created['id']}"
    hospital.delete(path)
    relabelled = hospital.put(path, designated("not-pswp-clinical", id=created["id"]))
    assert relabelled.status_code == 422
    back = hospital.put(path, adverse_event(id=created["id"]))
    assert back.get_json()["meta"]["security"] == created["meta"]["security"]


def test_a_delete_by_criteria_deletes_the_one_match(hospital, value):
    path = f"/Patient/{hospital.create(named(value))['id']}"
    assert hospital.delete(f"/Patient?identifier={value}").status_code == 204
    assert hospital.get(path).status_code == 410


def test_a_delete_by_criteria_without_a_match_changes_nothing(hospital, value):
    assert hospital.delete(f"/Patient?identifier={value}").status_code == 204


def test_a_delete_by_criteria_refuses_several_matches(hospital, value):
    for _ in range(2):
        hospital.create(named(value))
    assert_refused(hospital.delete(f"/Patient?identifier={value}"), 412, "multiple-matches")
    assert total(hospital, value) == 2


def test_a_delete_by_criteria_takes_several_where_the_setting_lets_it(several, value):
    for _ in range(2):
        several.create(named(value))
    assert several.delete(f"/Patient?identifier={value}").status_code == 204
    assert total(several, value) == 0


def test_a_delete_by_criteria_takes_no_more_than_the_setting_says(several, value):
    for _ in range(3):
        several.create(named(value))
    assert_refused(several.delete(f"/Patient?identifier={value}"), 412, "multiple-matches")
    assert total(several, value) == 3


def test_a_delete_by_criteria_is_refused_where_the_setting_says_so(settings, mongodb, hospital):
    none = create_app(replace(settings, conditional_delete=ConditionalDelete.OFF), mongodb)
    actor = Actor(none.test_client(), hospital.token)
    assert_refused(actor.delete("/Patient?identifier=x"), 405, "not-supported")
    rest = actor.get("/metadata").get_json()["rest"][0]
    assert {each["conditionalDelete"] for each in rest["resource"]} == {"not-supported"}


def test_a_delete_by_criteria_keeps_what_a_stale_version_names(hospital, value):
    hospital.create(named(value))
    path = f"/Patient?identifier={value}"
    assert_refused(hospital.delete(path, If_Match='W/"2"'), 412, "conflict")
    assert total(hospital, value) == 1


def test_of_several_matches_one_that_must_stay_keeps_them_all(several, value):
    events = [
        several.create(
            designated("pswp-pending", identifier=identifier(value, "urn:report"))
            | {"date": f"2026-01-0{day}"}
        )
        for day in (1, 2)
    ]
    reported = several.post(f"/AdverseEvent/{events[0]['id']}/$pswp-report", report_to("pso-p"))
    assert reported.status_code == 200, reported.text
    answer = several.delete(f"/AdverseEvent?identifier={value}")
    assert_refused(answer, 409, "conflict")
    assert several.get(f"/AdverseEvent/{events[1]['id']}").status_code == 200


@pytest.mark.parametrize("criteria", ["", "?", "?unheard=1", "?_count=1", "?identifier:odd=1"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_criteria_that_say_nothing_are_refused(hospital, method, criteria):
    body = patient() if method == "PUT" else None
    answer = hospital.send(method, f"/Patient{criteria}", body)
    assert answer.status_code == 400
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_criteria_do_not_find_what_their_sender_may_not_see(hospital, rival, value):
    created = hospital.create(named(value))
    assert rival.delete(f"/Patient?identifier={value}").status_code == 204
    assert rival.put(f"/Patient?identifier={value}", named(value)).status_code == 201
    assert hospital.get(f"/Patient/{created['id']}").get_json() == created


def test_criteria_do_not_find_work_product_without_clearance(actors, hospital, value):
    event = hospital.create(designated("pswp-pending", identifier=identifier(value, "urn:report")))
    for actor in ("pso-p", "outsider", "admin", "auditor"):
        answer = actors[actor].delete(f"/AdverseEvent?identifier={value}")
        unknown = actors[actor].delete("/AdverseEvent?identifier=nobody-has-this")
        assert (answer.status_code, answer.data) == (unknown.status_code, unknown.data)
    assert hospital.get(f"/AdverseEvent/{event['id']}").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "shows"),
    [
        ("minimal", None),
        ("representation", "Patient"),
        ("OperationOutcome", "OperationOutcome"),
    ],
)
def test_a_write_returns_as_much_as_its_client_prefers(hospital, wanted, shows):
    prefer = {"Prefer": f"return={wanted}"}
    created = hospital.post("/Patient", patient(), **prefer)
    path = created.headers["Location"].partition("/fhir")[2].removesuffix("/_history/1")
    updated = hospital.put(path, patient(id=path.rpartition("/")[2]), **prefer)
    for answer in (created, updated):
        assert (answer.get_json() or {}).get("resourceType") == shows if shows else not answer.data
        assert answer.headers["Preference-Applied"] == f"return={wanted}"


def test_a_delete_returns_an_outcome_to_who_prefers_it(hospital):
    path = f"/Patient/{hospital.create(patient())['id']}"
    answer = hospital.delete(path, Prefer="return=OperationOutcome")
    assert (answer.status_code, answer.get_json()["resourceType"]) == (200, "OperationOutcome")
