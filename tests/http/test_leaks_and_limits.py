"""Ways round the rules that were tried: none may lead anywhere."""

import base64
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from tests.builders import (
    adverse_event,
    bundle,
    designated,
    entry,
    identifier,
    observation,
    patient,
    report_to,
)
from tests.http.conftest import Actor, assert_refused

from psolink.pswp.labels import CONFIDENTIALITY
from psolink.security.scopes import Scopes
from psolink.setup import access_tokens


@pytest.fixture
def limited(app, settings, actors):
    """A client of hospital A with other scopes, roles or level than the seeded one."""
    tokens = access_tokens(settings)
    known = tokens.verify(actors["hospital-a"].token)

    def limited(scope="system/*.cruds", **changes):
        principal = replace(known, scopes=Scopes.parse(scope), **changes)
        return Actor(app.test_client(), tokens.issue(principal).token)

    return limited


@pytest.mark.parametrize("read", ["Patient/nobody", "Patient?unheard=1"])
def test_a_read_that_fails_does_not_undo_what_a_transaction_stored(hospital, read):
    value = f"with-{read}"
    sent = [entry("POST", "Patient", patient(identifier=[identifier(value)])), entry("GET", read)]
    answer = hospital.post("", bundle("transaction", *sent))
    first, second = (each["response"] for each in answer.get_json()["entry"])
    assert first["status"] == "201 Created"
    assert second["outcome"]["issue"]
    assert hospital.get(first["location"].partition("/fhir")[2]).status_code == 200


def test_a_search_asks_for_a_bounded_number_of_values(hospital):
    answer = hospital.get(f"/Patient?family={','.join('a' * 150)}&given={','.join('b' * 60)}")
    assert_refused(answer, 400, "invalid")


def test_a_report_takes_no_other_event_and_no_deliberation_along(hospital, pso):
    other = hospital.create(designated("pswp-pending"))
    security = designated("pswp-deliberation")["meta"]["security"]
    deliberation = hospital.create(
        {
            "resourceType": "Observation",
            "meta": {"security": security},
            "status": "final",
            "code": {"text": "x"},
        }
    )
    links = [
        {"url": "urn:x", "valueReference": {"reference": f"{each['resourceType']}/{each['id']}"}}
        for each in (other, deliberation)
    ]
    event = hospital.create(designated("pswp-pending", extension=links))
    answer = hospital.post(f"/AdverseEvent/{event['id']}/$pswp-report", report_to("pso-p"))
    assert answer.status_code == 200
    for each in (other, deliberation):
        assert pso.get(f"/{each['resourceType']}/{each['id']}").status_code == 404


def test_a_taken_id_is_refused_at_once_to_who_may_not_see_it(hospital, limited):
    hospital.put("/AdverseEvent/hidden", adverse_event(id="hidden"))
    other = limited(roles=frozenset())
    assert other.get("/AdverseEvent/hidden").status_code == 404
    answer = other.put("/AdverseEvent/hidden", designated("not-pswp-original", id="hidden"))
    assert_refused(answer, 409, "conflict")


def test_a_label_above_the_own_level_is_refused(limited):
    secret = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    labelled = patient(meta={"security": [secret]})
    assert_refused(limited(level=3).post("/Patient", labelled), 403, "forbidden")


@pytest.mark.parametrize("path", ["Bundle", "Parameters", "Basic"])
def test_work_product_inside_other_resources_is_refused(hospital, actors, path):
    event = adverse_event(id="inside")
    carried = {"fullUrl": "http://example.org/fhir/AdverseEvent/inside", "resource": event}
    shapes: dict[str, dict[str, Any]] = {
        "Bundle": {"resourceType": "Bundle", "type": "collection", "entry": [carried]},
        "Parameters": {
            "resourceType": "Parameters",
            "parameter": [{"name": "x", "resource": event}],
        },
        "Basic": {
            "resourceType": "Basic",
            "code": {"text": "x"},
            "contained": [event],
            "subject": {"reference": "#inside"},
        },
    }
    outer = shapes[path]
    for actor in (hospital, actors["admin"]):
        assert actor.post(f"/{path}", outer).status_code == 422
    assert hospital.put(f"/{path}/x", outer | {"id": "x"}).status_code == 422
    assert hospital.post("", bundle("transaction", entry("POST", path, outer))).status_code == 422


def test_what_is_too_large_for_the_database_is_413_and_spares_the_others(hospital):
    tags = [{"system": "urn:tags", "code": f"{number:05}{'x' * 1_000}"} for number in range(17_000)]
    large = patient(meta={"tag": tags})
    assert_refused(hospital.post("/Patient", large), 413, "too-long")
    sent = bundle("batch", entry("POST", "Patient", patient()), entry("POST", "Patient", large))
    statuses = [e["response"]["status"][:3] for e in hospital.post("", sent).get_json()["entry"]]
    assert statuses == ["201", "413"]


@pytest.mark.parametrize("resource", ["abc", ["x"], 5, None, [], {}])
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_resource_of_a_wrong_shape_is_refused(hospital, kind, resource):
    sent = {"resource": resource, "request": {"method": "POST", "url": "Patient"}}
    answer = hospital.post("", {"resourceType": "Bundle", "type": kind, "entry": [sent]})
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        assert answer.get_json()["entry"][0]["response"]["status"].startswith("400")


@pytest.mark.parametrize("entries", [5, "x", None, {}])
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_entries_of_a_wrong_shape_are_refused(hospital, kind, entries):
    answer = hospital.post("", {"resourceType": "Bundle", "type": kind, "entry": entries})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_cursor_beyond_all_time_is_refused(hospital, moment):
    cursor = base64.urlsafe_b64encode(f"{moment} x".encode()).decode()
    assert_refused(hospital.get(f"/Patient?_cursor={cursor}"), 400, "invalid")


def test_simultaneous_reports_of_one_event_all_succeed(app, hospital):
    event = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{event['id']}"
    statuses = []

    def send():
        actor = Actor(app.test_client(), hospital.token)
        statuses.append(actor.post(f"{path}/$pswp-report", report_to("pso-p")).status_code)

    threads = [Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 12
    assert hospital.get(path).headers["ETag"] == 'W/"2"'


def test_an_id_that_the_pso_was_assigned_is_not_taken_by_a_report(hospital, pso):
    own = pso.create(adverse_event())
    path = f"/AdverseEvent/{own['id']}"
    hospital.put(path, designated("pswp-pending", id=own["id"]))
    assert_refused(hospital.post(f"{path}/$pswp-report", report_to("pso-p")), 409, "conflict")
    assert pso.get(path).get_json() == own


def test_the_evidence_of_a_report_can_not_be_changed_or_deleted(hospital, pso):
    event = hospital.create(designated("pswp-pending"))
    hospital.post(f"/AdverseEvent/{event['id']}/$pswp-report", report_to("pso-p"))
    found = hospital.get(f"/Provenance?target=AdverseEvent/{event['id']}").get_json()
    told = found["entry"][0]["resource"]
    path = f"/Provenance/{told['id']}"
    assert_refused(hospital.put(path, told), 409, "conflict")
    assert_refused(hospital.delete(path), 409, "conflict")
    assert pso.get(path).status_code == 200


def test_reporting_to_oneself_is_not_permitted(hospital):
    event = hospital.create(designated("pswp-pending"))
    answer = hospital.post(f"/AdverseEvent/{event['id']}/$pswp-report", report_to("hospital-a"))
    assert_refused(answer, 403, "forbidden")


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [
        (
            "system/Patient.c",
            {"create": 201, "conditional": 403, "put": 403, "get": 403, "delete": 403},
        ),
        ("system/Patient.cs", {"create": 201, "conditional": 201, "get": 403}),
        (
            "system/Patient.u",
            {"create": 403, "put": 200, "put new": 201, "get": 403, "delete": 403},
        ),
        ("system/Patient.d", {"create": 403, "put": 403, "get": 403, "delete": 204}),
        ("system/Patient.r", {"create": 403, "put": 403, "get": 200, "delete": 403}),
    ],
)
def test_a_scope_allows_its_interaction_and_no_other(hospital, limited, scope, statuses):
    known = hospital.create(patient())
    path, actor = f"/Patient/{known['id']}", limited(scope)
    new = f"new-{known['id'][:8]}"
    sends = {
        "create": lambda: actor.post("/Patient", patient()),
        "conditional": lambda: actor.post("/Patient", patient(), If_None_Exist=f"identifier={new}"),
        "put": lambda: actor.put(path, known),
        "put new": lambda: actor.put(f"/Patient/{new}", patient(id=new)),
        "get": lambda: actor.get(path),
        "delete": lambda: actor.delete(path),
    }
    assert {name: sends[name]().status_code for name in statuses} == statuses


def test_a_conditional_reference_outside_a_transaction_is_refused(hospital):
    event = adverse_event(subject={"reference": "Patient?identifier=x"})
    assert_refused(hospital.post("/AdverseEvent", event), 400, "invalid", "AdverseEvent")


def test_what_a_stored_bundle_holds_may_have_conditional_references(hospital):
    inner = observation("Patient?identifier=x")
    entries = [{"fullUrl": "http://a.example/Observation/1", "resource": inner}]
    kept = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    created = hospital.create(kept)
    assert hospital.get(f"/Bundle/{created['id']}").get_json()["entry"] == kept["entry"]


def test_a_transaction_leaves_what_an_inner_bundle_holds_as_it_was_sent(hospital):
    someone = hospital.create(patient(identifier=[identifier("inner")]))
    outer_url = "urn:uuid:0b0b0b0b-0000-4000-8000-000000000001"
    references = ["Patient?identifier=inner", outer_url, f"Patient/{someone['id']}"]
    inner = [
        {"fullUrl": f"http://a.example/Observation/{number}", "resource": observation(each)}
        for number, each in enumerate(references)
    ]
    kept = {"resourceType": "Bundle", "type": "collection", "entry": inner}
    answer = hospital.post(
        "",
        bundle(
            "transaction",
            entry("POST", "Bundle", kept),
            entry("POST", "Patient", patient(), fullUrl=outer_url),
            entry("POST", "Observation", observation("Patient?identifier=inner")),
        ),
    )
    assert answer.status_code == 200, answer.text
    stored = [
        hospital.get(f"/{each['response']['location'].split('/_history')[0].split('/fhir/')[-1]}")
        for each in answer.get_json()["entry"]
    ]
    assert stored[0].get_json()["entry"] == inner
    assert stored[2].get_json()["subject"]["reference"] == f"Patient/{someone['id']}"


@pytest.mark.parametrize("content", [{"": {"a": 1}}, {"name": [{"": {"a": 1}}]}])
def test_an_element_without_a_name_is_refused(hospital, content):
    answer = hospital.post("/Patient", patient() | content)
    assert (answer.status_code, answer.get_json()["resourceType"]) == (400, "OperationOutcome")


def test_if_none_match_any_keeps_what_is_there(hospital):
    sent = patient(id="only-once")
    any_version = {"If_None_Match": "*"}
    assert hospital.put("/Patient/only-once", sent, **any_version).status_code == 201
    assert_refused(hospital.put("/Patient/only-once", sent, **any_version), 412, "conflict")


def test_history_comes_in_pages(hospital):
    created = hospital.create(patient())
    path = f"/Patient/{created['id']}"
    for _ in range(4):
        hospital.put(path, created)
    seen, url = [], f"{path}/_history?_count=2"
    while url:
        page = hospital.get(url).get_json()
        seen += [each["response"]["etag"] for each in page["entry"]]
        links = {each["relation"]: each["url"] for each in page["link"]}
        url = links.get("next", "").partition("/fhir")[2]
    assert seen == [f'W/"{number}"' for number in (5, 4, 3, 2, 1)]


@pytest.mark.parametrize("query", ["_since=yesterday", "_count=x", "_cursor=x", "_at=now"])
def test_a_history_that_is_not_understood_is_refused(hospital, query):
    created = hospital.create(patient())
    answer = hospital.get(f"/Patient/{created['id']}/_history?{query}")
    assert_refused(answer, 400, "invalid")


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+json; charset=utf-8",
        "application/fhir+json;fhirVersion=4.0",
        "application/json; charset=utf-8, text/plain;q=0.5",
        "application/*",
    ],
)
def test_parameters_of_accept_do_not_matter(hospital, accept):
    assert hospital.get("/Patient", Accept=accept).status_code == 200


def test_links_are_the_servers_own_and_not_the_clients(hospital):
    answer = hospital.post("/Patient", patient(), Host="evil.example")
    assert "evil" not in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/Patient?name=seen&_count=1", "/Patient/_history?_count=1"])
def test_a_total_that_was_counted_with_other_eyes_does_not_travel_in_a_link(
    hospital, limited, path
):
    name = [{"family": "Seen"}]
    secret = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "V"}]}}
    for content in ({}, {}, secret):
        hospital.create(patient(name=name, **content))
    first = hospital.get(path).get_json()
    following = next(each["url"] for each in first["link"] if each["relation"] == "next")
    path_of_next = following.partition("/fhir")[2]
    assert hospital.get(path_of_next).get_json()["total"] == first["total"] >= 3
    answer = limited(level=3).get(path_of_next)
    assert answer.status_code == 200
    assert "total" not in answer.get_json()


def test_a_document_is_kept_as_confidential_as_the_most_confidential_of_its_parts(
    hospital, limited
):
    security = [{"system": CONFIDENTIALITY, "code": "R"}]
    secret = {"resourceType": "Basic", "code": {"text": "x"}, "meta": {"security": security}}
    part = hospital.create(secret)
    composition = hospital.create(
        {
            "resourceType": "Composition",
            "status": "final",
            "type": {"text": "x"},
            "date": "2020-03-04",
            "title": "x",
            "author": [{"display": "x"}],
            "section": [{"entry": [{"reference": f"Basic/{part['id']}"}]}],
        }
    )
    answer = hospital.send("POST", f"/Composition/{composition['id']}/$document?persist=true")
    assert answer.status_code == 201, answer.text
    kept = answer.get_json()
    assert kept["meta"]["security"] == security
    assert limited(level=3).get(f"/Bundle/{kept['id']}").status_code == 404
