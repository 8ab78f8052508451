"""$everything of patients and encounters.

https://hl7.org/fhir/R4/patient-operation-everything.html
"""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from tests.builders import adverse_event, observation, patient, reference
from tests.http.conftest import Actor, assert_refused

from psolink.security.scopes import Scopes
from psolink.setup import access_tokens


def encounter(subject: str, **content: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": subject},
    } | content


def entries(answer, mode: str = "match") -> list[str]:
    assert answer.status_code == 200, answer.text
    found = answer.get_json().get("entry", [])
    return [reference(each["resource"]) for each in found if each["search"]["mode"] == mode]


def next_path(answer) -> str | None:
    links = {each["relation"]: each["url"] for each in answer.get_json()["link"]}
    return links["next"].partition("/fhir")[2] if "next" in links else None


def walked(actor: Actor, path: str | None) -> list[str]:
    found = []
    while path:
        page = actor.get(path)
        found += entries(page)
        path = next_path(page)
    return found


@pytest.fixture
def record(hospital: Actor) -> dict[str, str]:
    """A patient with a record of six resources, and what these refer to."""
    organization = hospital.create({"resourceType": "Organization", "name": "Ward"})
    doctor = hospital.create({"resourceType": "Practitioner"})
    someone = hospital.create(patient(managingOrganization={"reference": reference(organization)}))
    subject = reference(someone)
    stay = hospital.create(encounter(subject, period={"start": "2020-03-01", "end": "2020-03-04"}))
    binary = hospital.create(
        {"resourceType": "Binary", "contentType": "text/plain", "data": "eA=="}
    )
    within = [
        stay,
        hospital.create(
            observation(
                subject,
                effectiveDateTime="2020-03-02",
                encounter={"reference": reference(stay)},
                performer=[{"reference": reference(doctor)}],
            )
        ),
        hospital.create(observation(subject, effectiveDateTime="2021-05-05")),
        hospital.create(
            {
                "resourceType": "DocumentReference",
                "status": "current",
                "subject": {"reference": subject},
                "content": [{"attachment": {"url": reference(binary)}}],
            }
        ),
        hospital.create(adverse_event(subject={"reference": subject}, date="2020-03-03")),
    ]
    stranger = hospital.create(patient())
    hospital.create(observation(reference(stranger), effectiveDateTime="2020-03-02"))
    keys = ("stay", "in 2020", "in 2021", "document", "event")
    return {
        "patient": subject,
        "organization": reference(organization),
        "doctor": reference(doctor),
        "binary": reference(binary),
    } | {key: reference(each) for key, each in zip(keys, within, strict=True)}


def named(record: dict[str, str], *names: str) -> set[str]:
    return {record[each] for each in names}


RECORD = ("patient", "stay", "in 2020", "in 2021", "document", "event")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_record_has_the_compartment_and_what_it_refers_to(hospital: Actor, record, method):
    answer = hospital.send(method, f"/{record['patient']}/$everything")
    assert entries(answer)[0] == record["patient"]
    assert sorted(entries(answer)) == sorted(record[each] for each in RECORD)
    assert set(entries(answer, "include")) == named(record, "organization", "doctor", "binary")
    assert answer.get_json()["total"] == len(RECORD)
    assert answer.get_json()["type"] == "searchset"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start=2020-03-01&end=2020-03-31", ("patient", "stay", "in 2020", "document", "event")),
        ("start=2021", ("patient", "in 2021", "document")),
        ("end=2020-03-02", ("patient", "stay", "in 2020", "document")),
        ("_type=Observation", ("in 2020", "in 2021")),
        ("_type=Observation,Encounter&end=2020-12-31", ("in 2020", "stay")),
        ("_type=Observation&_type=Patient", ("in 2020", "in 2021", "patient")),
        ("_since=2999-01-01T00:00:00Z", ()),
        ("_since=1999-01-01T00:00:00Z", RECORD),
    ],
    ids=[
        "a range of days takes what overlaps it and what has no date",
        "only a start",
        "only an end",
        "one type",
        "two types and an end",
        "a type twice",
        "since the future",
        "since the past",
    ],
)
def test_the_record_is_narrowed(hospital: Actor, record, query, expected):
    answer = hospital.get(f"/{record['patient']}/$everything?{query}")
    assert set(entries(answer)) == named(record, *expected)


def test_types_narrow_what_is_referred_to_as_well(hospital: Actor, record):
    answer = hospital.get(f"/{record['patient']}/$everything?_type=Observation,Practitioner")
    assert entries(answer, "include") == [record["doctor"]]


def test_pages_give_everything_once_while_others_write(hospital: Actor, record):
    path = f"/{record['patient']}/$everything?_count=2"
    first = hospital.get(path)
    assert len(entries(first)) == 2
    assert "total" not in first.get_json()
    for each in RECORD:
        current = hospital.get(f"/{record[each]}").get_json()
        assert hospital.put(f"/{record[each]}", current | {"language": "en"}).status_code == 200
    rest = walked(hospital, next_path(first))
    assert sorted([*entries(first), *rest]) == sorted(record[each] for each in RECORD)


def test_a_page_link_holds_no_content_and_is_for_this_record(hospital: Actor, record):
    following = next_path(hospital.get(f"/{record['patient']}/$everything?_count=1&start=2020"))
    assert following is not None
    cursor = following.partition("?")[2]
    assert "2020" not in cursor
    other = reference(hospital.create(patient()))
    assert_refused(hospital.get(f"/{other}/$everything?{cursor}"), 400, "invalid")


def test_every_patient_is_asked_for_on_the_type(hospital: Actor, record):
    found = walked(hospital, "/Patient/$everything?_count=3")
    assert len(found) == len(set(found))
    assert named(record, *RECORD) <= set(found)
    kinds = [each.partition("/")[0] for each in found]
    assert kinds[0] == "Patient"
    assert "Organization" not in kinds


def test_an_encounter_has_what_belongs_to_it_and_its_patient(hospital: Actor, record):
    answer = hospital.get(f"/{record['stay']}/$everything")
    assert set(entries(answer)) == named(record, "stay", "in 2020")
    assert set(entries(answer, "include")) == named(record, "patient", "doctor")


def test_work_product_is_not_in_the_record_of_who_has_no_clearance(
    app: Flask, settings, actors, record
):
    tokens = access_tokens(settings)
    principal = replace(tokens.verify(actors["hospital-a"].token), roles=frozenset())
    ward = Actor(app.test_client(), tokens.issue(principal).token)
    answer = ward.get(f"/{record['patient']}/$everything")
    assert set(entries(answer)) == named(record, *RECORD) - {record["event"]}
    assert record["event"] not in answer.text
    assert answer.get_json()["total"] == len(RECORD) - 1


def test_types_that_the_scopes_do_not_cover_are_not_in_the_record(
    app: Flask, settings, actors, record
):
    tokens = access_tokens(settings)
    scopes = Scopes.parse("system/Patient.rs system/Observation.rs")
    principal = replace(tokens.verify(actors["hospital-a"].token), scopes=scopes)
    limited = Actor(app.test_client(), tokens.issue(principal).token)
    answer = limited.get(f"/{record['patient']}/$everything")
    assert set(entries(answer)) == named(record, "patient", "in 2020", "in 2021")
    assert entries(answer, "include") == []


def test_the_record_of_another_organization_does_not_exist(rival: Actor, record):
    hidden = rival.get(f"/{record['patient']}/$everything")
    unknown = rival.get("/Patient/unknown/$everything")
    assert hidden.status_code == unknown.status_code == 404
    assert record["doctor"] not in rival.get("/Patient/$everything").text


def test_a_page_that_was_begun_shows_nothing_to_another_organization(
    hospital: Actor, rival: Actor, record
):
    following = next_path(hospital.get("/Patient/$everything?_count=1"))
    assert_refused(rival.get(following or ""), 400, "invalid")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("_count=0", "_count"),
        ("_count=-1", "_count"),
        ("_type=Patients", "_type"),
        ("_since=2020", None),
        ("_since=0001-01-01T00:00:00%2B14:00", None),
        ("start=yesterday", None),
        ("_elements=id", None),
        ("_cursor=x", "_cursor"),
    ],
)
def test_what_is_asked_wrongly_is_refused(hospital: Actor, record, query, place):
    answer = hospital.get(f"/{record['patient']}/$everything?{query}")
    assert answer.status_code == 400, answer.text
    if place:
        assert_refused(answer, 400, "invalid", place)


def test_a_deleted_patient_is_gone(hospital: Actor):
    path = f"/{reference(hospital.create(patient()))}"
    hospital.delete(path)
    assert_refused(hospital.get(f"{path}/$everything"), 410, "deleted")
