"""What becomes of writes whose meta.profile names a profile: by setting, and wherever it is held."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.builders import bundle, designated, entry, identifier, patient
from tests.http.conftest import Actor, assert_refused, outcome

from psolink.app import create_app
from psolink.settings import ProfilePolicy, Settings
from psolink.setup import NotReady, development_tokens, prepare

NAMED = "http://example.org/StructureDefinition/named"
UNKNOWN = "http://example.org/StructureDefinition/none"
CORE = "http://hl7.org/fhir/StructureDefinition"


def profile_of_patient(**element: Any) -> dict[str, Any]:
    """A profile that asks for a name, or for what `element` says."""
    asked = element or {"id": "Patient.name", "path": "Patient.name", "min": 1}
    return {
        "resourceType": "StructureDefinition",
        "url": NAMED,
        "name": "Named",
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "baseDefinition": f"{CORE}/Patient",
        "derivation": "constraint",
        "differential": {"element": [asked]},
    }


Serve = Callable[..., Actor]


@pytest.fixture(scope="module")
def serve(app, settings: Settings, mongodb, tmp_path_factory) -> Serve:
    """Return a client of hospital A at a server with other settings on the same database."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "named.json").write_text(json.dumps(profile_of_patient()))
    token = development_tokens(settings)["hospital-a"]["token"]

    def serve(**changes: Any) -> Actor:
        changed = replace(settings, **({"packages": (folder,)} | changes))
        return Actor(create_app(changed, mongodb).test_client(), token)

    return serve


@pytest.fixture(scope="module")
def strict(serve: Serve) -> Actor:
    return serve()


def claiming(*profiles: str, **content: Any) -> dict[str, Any]:
    return patient(meta={"profile": list(profiles)}, **content)


def test_a_create_that_breaks_the_profile_it_claims_is_refused(strict):
    answer = strict.post("/Patient", claiming(NAMED))
    issue = assert_refused(answer, 422, "required", "Patient.name")
    assert NAMED in issue["diagnostics"]
    assert strict.post("/Patient", claiming(NAMED, name=[{"text": "A"}])).status_code == 201
    assert strict.post("/Patient", patient()).status_code == 201


def test_an_update_that_breaks_the_profile_it_claims_is_refused(strict):
    created = strict.create(claiming(NAMED, name=[{"text": "A"}]))
    nameless = {name: value for name, value in created.items() if name != "name"}
    path = f"/Patient/{created['id']}"
    assert_refused(strict.put(path, nameless), 422, "required", "Patient.name")
    assert_refused(strict.put("/Patient/new-1", claiming(NAMED, id="new-1")), 422, "required")
    assert strict.get(path).get_json()["name"] == [{"text": "A"}]


def test_a_transaction_with_one_broken_profile_stores_nothing(strict):
    name = identifier("only-once")
    sent = bundle(
        "transaction",
        entry("POST", "Patient", patient(identifier=[name])),
        entry("POST", "Patient", claiming(NAMED)),
    )
    answer = strict.post("", sent)
    assert_refused(answer, 422, "required", "Bundle.entry[1].resource.name")
    assert strict.get("/Patient?identifier=only-once").get_json()["total"] == 0


def test_a_contained_resource_keeps_what_it_claims(strict):
    inner = claiming(NAMED, id="p")
    basic = {
        "resourceType": "Basic",
        "code": {"text": "a"},
        "subject": {"reference": "#p"},
        "contained": [inner],
    }
    assert_refused(strict.post("/Basic", basic), 422, "required", "Basic.contained[0].name")


def test_by_the_setting_warn_it_is_stored_and_told(serve):
    lenient = serve(profiles=ProfilePolicy.WARN)
    answer = lenient.post("/Patient", claiming(NAMED), Prefer="return=OperationOutcome")
    assert answer.status_code == 201
    assert [(each["severity"], each["expression"]) for each in outcome(answer)] == [
        ("warning", ["Patient.name"])
    ]


def test_by_the_setting_off_nothing_is_looked_for(serve):
    blind = serve(profiles=ProfilePolicy.OFF)
    answer = blind.post("/Patient", claiming(NAMED, UNKNOWN), Prefer="return=OperationOutcome")
    assert answer.status_code == 201
    assert [each["code"] for each in outcome(answer)] == ["informational"]
    judged = blind.post("/Patient/$validate?mode=create", claiming(NAMED))
    assert "required" in [each["code"] for each in outcome(judged)]


def test_a_profile_that_is_not_known_is_told_and_refuses_nothing(strict):
    answer = strict.post("/Patient", claiming(UNKNOWN), Prefer="return=OperationOutcome")
    assert answer.status_code == 201
    (issue,) = outcome(answer)
    assert (issue["severity"], issue["expression"]) == ("warning", ["Patient.meta.profile[0]"])
    sent = bundle("transaction", entry("POST", "Patient", claiming(UNKNOWN)))
    (told,) = strict.post("", sent).get_json()["entry"]
    assert told["response"]["outcome"]["issue"][0]["expression"] == [
        "Bundle.entry[0].resource.meta.profile[0]"
    ]


def test_our_own_profile_is_kept_whatever_the_setting(serve):
    event = designated("pswp-pending")
    event["meta"]["profile"] = [
        "https://psolink.example/fhir/StructureDefinition/pswp-adverse-event"
    ]
    for policy in ProfilePolicy:
        answer = serve(profiles=policy).post("/AdverseEvent", event)
        assert_refused(answer, 422, "required", "AdverseEvent.identifier")


def test_a_package_cannot_replace_what_ships(serve, tmp_path):
    ours = "https://psolink.example/fhir/StructureDefinition/pswp-adverse-event"
    loose = profile_of_patient() | {"url": ours, "type": "AdverseEvent"}
    loose |= {"baseDefinition": f"{CORE}/AdverseEvent", "differential": {"element": []}}
    (tmp_path / "loose.json").write_text(json.dumps(loose))
    judged = serve(packages=(tmp_path,)).post(
        f"/AdverseEvent/$validate?profile={ours}", designated("pswp-pending")
    )
    assert "required" in [each["code"] for each in outcome(judged)]


@pytest.mark.parametrize("content", [None, "no JSON", '{"resourceType": "Patient"}'])
def test_a_package_that_gives_nothing_stops_the_server(settings, tmp_path, content):
    path = tmp_path / "package"
    if content is not None:
        path.mkdir()
        (path / "a.json").write_text(content)
    with pytest.raises(NotReady, match="package"):
        prepare(replace(settings, packages=(path,)))
