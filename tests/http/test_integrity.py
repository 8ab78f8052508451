"""Referential integrity by setting: enforced, told, or not looked at."""

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from tests.builders import adverse_event, bundle, entry, observation, patient, reference
from tests.http.conftest import Actor, Actors, assert_refused, outcome

from psolink.app import create_app
from psolink.security.registry import Organization, Registration
from psolink.settings import ReferentialIntegrity
from psolink.setup import access_tokens, register_in


@pytest.fixture(scope="module")
def settings(settings):
    return replace(settings, referential_integrity=ReferentialIntegrity.ENFORCE)


@pytest.fixture(scope="module")
def warned(app: Flask, settings, mongodb, actors: Actors) -> Actor:
    """Hospital A at a server that only tells."""
    warning = replace(settings, referential_integrity=ReferentialIntegrity.WARN)
    return Actor(create_app(warning, mongodb).test_client(), actors["hospital-a"].token)


def extension(target: str) -> list[dict[str, Any]]:
    return [{"url": "https://x.example/e", "valueReference": {"reference": target}}]


NOWHERE = [
    pytest.param(observation("Patient/nowhere"), "Observation.subject.reference", id="an element"),
    pytest.param(
        patient(extension=extension("Patient/nowhere")),
        "Patient.extension[0].valueReference.reference",
        id="an extension, which no search parameter indexes",
    ),
    pytest.param(
        observation("Patient/nowhere/_history/1"), "Observation.subject.reference", id="a version"
    ),
    pytest.param(
        observation("http://127.0.0.1:8080/fhir/Patient/nowhere"),
        "Observation.subject.reference",
        id="an absolute URL of this server",
    ),
    pytest.param(
        {
            "resourceType": "Basic",
            "code": {"text": "x"},
            "subject": {"reference": "#p"},
            "contained": [
                {
                    "resourceType": "Patient",
                    "id": "p",
                    "managingOrganization": {"reference": "Organization/nowhere"},
                }
            ],
        },
        "Basic.contained[0].managingOrganization.reference",
        id="within what is contained",
    ),
]


@pytest.mark.parametrize(("resource", "place"), NOWHERE)
def test_what_refers_to_nothing_is_refused_with_its_place(hospital: Actor, resource, place):
    assert_refused(hospital.post(f"/{resource['resourceType']}", resource), 422, "not-found", place)


@pytest.mark.parametrize(
    "resource",
    [
        observation("https://elsewhere.example/fhir/Patient/1"),
        observation("urn:uuid:2d1b3a1e-9a0e-4a3c-8d1e-0a1b2c3d4e5f"),
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "x"},
            "subject": {"identifier": {"system": "https://x.example", "value": "1"}},
        },
        {
            "resourceType": "Provenance",
            "target": [{"reference": "Patient/nowhere"}],
            "recorded": "2020-01-01T00:00:00Z",
            "agent": [{"who": {"reference": "Organization/nowhere"}}],
        },
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {
                    "fullUrl": "urn:uuid:2d1b3a1e-9a0e-4a3c-8d1e-0a1b2c3d4e5f",
                    "resource": patient(managingOrganization={"reference": "Organization/nowhere"}),
                }
            ],
        },
        {
            "resourceType": "DetectedIssue",
            "status": "final",
            "reference": "Patient/nowhere",
        },
    ],
    ids=[
        "another server",
        "a urn",
        "a logical reference",
        "a Provenance",
        "what a Bundle holds",
        "a uri that is named reference",
    ],
)
def test_what_refers_elsewhere_is_taken(hospital: Actor, resource):
    hospital.create(resource)


def test_an_update_and_a_patch_are_checked_too(hospital: Actor):
    someone = hospital.create(patient())
    stored = hospital.create(observation(reference(someone)))
    changed = stored | {"subject": {"reference": "Patient/nowhere"}}
    assert_refused(hospital.put(f"/{reference(stored)}", changed), 422, "not-found")
    patch = b'[{"op": "replace", "path": "/subject/reference", "value": "Patient/nowhere"}]'
    answer = hospital.send(
        "PATCH", f"/{reference(stored)}", patch, Content_Type="application/json-patch+json"
    )
    assert_refused(answer, 422, "not-found")
    assert hospital.get(f"/{reference(stored)}").headers["ETag"] == 'W/"1"'


def test_what_is_referred_to_is_not_deleted_until_nothing_refers_to_it(hospital: Actor):
    someone = hospital.create(patient())
    referring = hospital.create(patient(extension=extension(reference(someone))))
    issue = assert_refused(hospital.delete(f"/{reference(someone)}"), 409, "conflict")
    assert referring["id"] not in issue["diagnostics"]
    assert hospital.delete(f"/{reference(referring)}").status_code == 204
    assert hospital.delete(f"/{reference(someone)}").status_code == 204
    assert_refused(hospital.post("/Observation", observation(reference(someone))), 422, "not-found")


def test_a_resource_that_refers_to_itself_can_be_deleted(hospital: Actor):
    hospital.put("/Patient/own", patient(id="own", extension=extension("Patient/own")))
    assert hospital.delete("/Patient/own").status_code == 204


def test_a_conditional_delete_is_checked(hospital: Actor):
    someone = hospital.create(patient(language="en-IE"))
    hospital.create(observation(reference(someone)))
    assert_refused(hospital.delete("/Patient?_id=" + someone["id"]), 409, "conflict")


def test_an_audit_trail_keeps_nothing_from_deletion(hospital: Actor):
    someone = hospital.create(patient())
    hospital.create(
        {
            "resourceType": "Provenance",
            "target": [{"reference": reference(someone)}],
            "recorded": "2020-01-01T00:00:00Z",
            "agent": [{"who": {"identifier": {"value": "x"}}}],
        }
    )
    assert hospital.delete(f"/{reference(someone)}").status_code == 204


def test_the_entries_of_a_transaction_refer_to_each_other(hospital: Actor):
    urn = "urn:uuid:2d1b3a1e-9a0e-4a3c-8d1e-0a1b2c3d4e5f"
    sent = bundle(
        "transaction",
        entry("POST", "Observation", observation(urn)),
        entry("POST", "Patient", patient(), fullUrl=urn),
        entry("PUT", "Patient/a", patient(id="a", extension=extension("Patient/b"))),
        entry("PUT", "Patient/b", patient(id="b", extension=extension("Patient/a"))),
    )
    answer = hospital.post("", sent)
    assert answer.status_code == 200, answer.text
    both = bundle("transaction", entry("DELETE", "Patient/a"), entry("DELETE", "Patient/b"))
    assert_refused(hospital.delete("/Patient/a"), 409, "conflict")
    assert hospital.post("", both).status_code == 200


def test_a_transaction_does_not_delete_what_another_entry_refers_to(hospital: Actor):
    someone = hospital.create(patient())
    sent = bundle(
        "transaction",
        entry("DELETE", reference(someone)),
        entry("POST", "Observation", observation(reference(someone))),
    )
    assert_refused(hospital.post("", sent), 422, "not-found")
    assert hospital.get(f"/{reference(someone)}").status_code == 200


def test_a_transaction_stores_nothing_where_one_entry_refers_to_nothing(hospital: Actor):
    sent = bundle(
        "transaction",
        entry("PUT", "Patient/not-stored", patient(id="not-stored")),
        entry("POST", "Observation", observation("Patient/nowhere")),
    )
    assert_refused(hospital.post("", sent), 422, "not-found")
    assert hospital.get("/Patient/not-stored").status_code == 404


def test_another_organizations_resources_are_not_there_and_do_not_count(
    hospital: Actor, rival: Actor
):
    hospital.put("/Patient/shared-name", patient(id="shared-name"))
    hidden = rival.post("/Observation", observation("Patient/shared-name"))
    missing = rival.post("/Observation", observation("Patient/other-nowhere"))
    assert hidden.status_code == 422
    assert hidden.text.replace("shared-name", "other-nowhere") == missing.text
    rival.put("/Patient/shared-name", patient(id="shared-name"))
    rival.create(observation("Patient/shared-name"))
    assert hospital.delete("/Patient/shared-name").status_code == 204


def test_hidden_work_product_neither_shows_nor_holds_what_it_refers_to(
    app: Flask, settings, actors: Actors, hospital: Actor
):
    tokens = access_tokens(settings)
    principal = replace(tokens.verify(hospital.token), roles=frozenset())
    ward = Actor(app.test_client(), tokens.issue(principal).token)
    someone = hospital.create(patient())
    event = hospital.create(adverse_event(subject={"reference": reference(someone)}))
    hidden = ward.post("/Basic", basic(reference(event)))
    missing = ward.post("/Basic", basic("AdverseEvent/nowhere"))
    assert hidden.status_code == missing.status_code == 422
    assert hidden.text.replace(event["id"], "nowhere") == missing.text
    assert_refused(hospital.delete(f"/{reference(someone)}"), 409, "conflict")
    assert ward.delete(f"/{reference(someone)}").status_code == 204


def basic(target: str) -> dict[str, Any]:
    return {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": target}}


def test_a_server_that_only_tells_takes_everything_and_says_what_is_amiss(warned: Actor):
    answer = warned.post(
        "/Observation", observation("Patient/nowhere"), Prefer="return=OperationOutcome"
    )
    assert answer.status_code == 201
    issues = [each for each in outcome(answer) if each["severity"] == "warning"]
    assert ["Observation.subject.reference"] in [each.get("expression") for each in issues]
    someone = warned.create(patient())
    warned.create(observation(reference(someone)))
    gone = warned.delete(f"/{reference(someone)}", Prefer="return=OperationOutcome")
    assert gone.status_code == 200
    assert "refer to" in gone.text


def test_the_setting_of_an_organization_goes_before_that_of_the_server(
    settings, mongodb, actors: Actors
):
    known = Organization(
        "outsider",
        "Outsider",
        access_tokens(settings).verify(actors["outsider"].token).kind,
        referential_integrity=ReferentialIntegrity.OFF,
    )
    register_in(settings, Registration(organizations=(known,)))
    app = create_app(settings, mongodb)
    outsider = Actor(app.test_client(), actors["outsider"].token)
    outsider.create(observation("Patient/nowhere"))
    hospital = Actor(app.test_client(), actors["hospital-a"].token)
    assert hospital.post("/Observation", observation("Patient/nowhere")).status_code == 422


def test_a_delete_and_a_create_that_refers_to_it_are_never_both_done(hospital: Actor, app: Flask):
    for _ in range(12):
        someone = reference(hospital.create(patient()))
        barrier = Barrier(4)
        answers: list[int] = []

        def send(act: Callable[[Actor], Any], barrier=barrier, answers=answers) -> None:
            actor = Actor(app.test_client(), hospital.token)
            barrier.wait()
            answers.append(act(actor).status_code)

        acts = [
            lambda actor, at=someone: actor.delete(f"/{at}"),
            *[lambda actor, at=someone: actor.post("/Observation", observation(at))] * 3,
        ]
        threads = [Thread(target=send, args=(act,)) for act in acts]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        is_there = hospital.get(f"/{someone}").status_code == 200
        referring = hospital.get(f"/Observation?subject={someone}&_summary=count").get_json()
        assert is_there or referring["total"] == 0
        assert set(answers) <= {201, 204, 409, 422}
        assert answers.count(201) == referring["total"]
