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


OWN = "http://hospital-a.example/StructureDefinition/own"
GENDERS = "http://hospital-a.example/ValueSet/genders"
GENDER_SYSTEM = "http://hl7.org/fhir/administrative-gender"


def own_profile(*, url: str = OWN, **element: Any) -> dict[str, Any]:
    return profile_of_patient(**element) | {"url": url}


def genders(*codes: str) -> dict[str, Any]:
    concepts = [{"code": code} for code in codes]
    include = [{"system": GENDER_SYSTEM, "concept": concepts}]
    return {
        "resourceType": "ValueSet",
        "url": GENDERS,
        "status": "active",
        "compose": {"include": include},
    }


def test_an_organization_is_held_to_the_profiles_that_it_stores(hospital, rival):
    stored = hospital.create(own_profile(url=f"{OWN}-1"))
    claim = claiming(f"{OWN}-1")
    assert_refused(hospital.post("/Patient", claim), 422, "required", "Patient.name")
    others = rival.post("/Patient", claim, Prefer="return=OperationOutcome")
    assert others.status_code == 201
    assert [each["severity"] for each in outcome(others)] == ["warning"]
    assert hospital.delete(f"/StructureDefinition/{stored['id']}").status_code == 204
    assert hospital.post("/Patient", claim).status_code == 201


def test_a_stored_profile_is_judged_by_its_current_version(hospital):
    stored = hospital.create(own_profile(url=f"{OWN}-2"))
    claim = claiming(f"{OWN}-2", name=[{"text": "A"}])
    assert hospital.post("/Patient", claim).status_code == 201
    stored["differential"]["element"] = [
        {"id": "Patient.gender", "path": "Patient.gender", "min": 1}
    ]
    hospital.put(f"/StructureDefinition/{stored['id']}", stored)
    assert_refused(hospital.post("/Patient", claim), 422, "required", "Patient.gender")


def test_stored_value_sets_are_known_to_stored_profiles(hospital):
    binding = {"strength": "required", "valueSet": GENDERS}
    element = {"id": "Patient.gender", "path": "Patient.gender", "binding": binding}
    hospital.create(own_profile(url=f"{OWN}-3", **element))
    hospital.create(genders("female"))
    male = claiming(f"{OWN}-3", gender="male")
    assert_refused(hospital.post("/Patient", male), 422, "code-invalid", "Patient.gender")
    assert hospital.post("/Patient", male | {"gender": "female"}).status_code == 201


def test_what_another_organization_stores_changes_no_judgement(hospital, rival):
    hospital.create(own_profile(url=f"{OWN}-4"))
    rival.create(own_profile(url=f"{OWN}-4", id="Patient.photo", path="Patient.photo", min=1))
    assert_refused(hospital.post("/Patient", claiming(f"{OWN}-4")), 422, "required", "Patient.name")
    assert_refused(rival.post("/Patient", claiming(f"{OWN}-4")), 422, "required", "Patient.photo")


def test_a_stored_definition_cannot_replace_what_the_server_has(hospital):
    ours = "https://psolink.example/fhir/StructureDefinition/pswp-adverse-event"
    root = {"id": "AdverseEvent", "path": "AdverseEvent"}
    loose = own_profile(url=ours, **root) | {"type": "AdverseEvent"}
    hospital.create(loose | {"baseDefinition": f"{CORE}/AdverseEvent"})
    judged = hospital.post(f"/AdverseEvent/$validate?profile={ours}", designated("pswp-pending"))
    assert "required" in [each["code"] for each in outcome(judged)]


def test_a_profile_that_cannot_be_applied_is_told_and_refuses_nothing(hospital):
    hospital.create(own_profile(url=f"{OWN}-5") | {"baseDefinition": f"{OWN}-5"})
    answer = hospital.post("/Patient", claiming(f"{OWN}-5"), Prefer="return=OperationOutcome")
    assert answer.status_code == 201
    assert "builds on itself" in outcome(answer)[0]["diagnostics"]


def test_a_profile_may_be_contained(hospital):
    inner = profile_of_patient() | {"id": "p"}
    sent = claiming("#p", contained=[inner])
    issue = assert_refused(hospital.post("/Patient", sent), 422, "required", "Patient.name")
    assert "#p" in issue["diagnostics"]
    named = hospital.post("/Patient", sent | {"name": [{"text": "A"}]})
    assert named.status_code == 201, named.text


def test_codes_of_systems_that_are_not_held_pass_with_information(hospital):
    url = "http://hospital-a.example/ValueSet/loinc"
    include = [
        {"system": "http://loinc.org", "filter": [{"property": "x", "op": "=", "value": "y"}]}
    ]
    hospital.create(genders() | {"url": url, "compose": {"include": include}})
    rule = {
        "key": "own-1",
        "severity": "error",
        "human": "A LOINC code.",
        "expression": f"code.memberOf('{url}')",
    }
    element = {
        "id": "Basic.code",
        "path": "Basic.code",
        "binding": {"strength": "required", "valueSet": url},
    }
    root = {"id": "Basic", "path": "Basic", "constraint": [rule]}
    profile = own_profile(url=f"{OWN}-6") | {"type": "Basic", "baseDefinition": f"{CORE}/Basic"}
    hospital.create(profile | {"differential": {"element": [root, element]}})
    code = {"coding": [{"system": "http://loinc.org", "code": "45404-1"}]}
    basic = {"resourceType": "Basic", "code": code, "meta": {"profile": [f"{OWN}-6"]}}
    answer = hospital.post("/Basic", basic, Prefer="return=OperationOutcome")
    assert answer.status_code == 201
    assert [each["severity"] for each in outcome(answer)] == ["information", "information"]


def test_what_must_be_supported_is_told_where_asked_for(hospital):
    element = {"id": "Patient.photo", "path": "Patient.photo", "mustSupport": True}
    hospital.create(own_profile(url=f"{OWN}-7", **element))
    path = f"/Patient/$validate?profile={OWN}-7"
    assert [each["code"] for each in outcome(hospital.post(path, patient(active=True)))] == [
        "informational"
    ]
    told = outcome(hospital.post(f"{path}&mustSupport=true", patient(active=True)))
    assert [each.get("expression") for each in told] == [["Patient.photo"]]


def test_only_so_many_profiles_may_be_claimed(hospital):
    urls = [f"{UNKNOWN}-{number}" for number in range(101)]
    assert_refused(hospital.post("/Patient", claiming(*urls)), 422, "too-costly", "Patient")
    assert hospital.post("/Patient", claiming(*urls[:-1])).status_code == 201


def test_a_stored_value_set_cannot_replace_what_the_server_has(hospital):
    ours = "https://psolink.example/fhir/ValueSet/pswp-lifecycle"
    hospital.create(genders("female") | {"url": ours})
    binding = {"strength": "required", "valueSet": ours}
    element = {"id": "Basic.code", "path": "Basic.code", "binding": binding}
    profile = own_profile(url=f"{OWN}-8", **element) | {"type": "Basic"}
    hospital.create(profile | {"baseDefinition": f"{CORE}/Basic"})
    lifecycle = "https://psolink.example/fhir/CodeSystem/pswp-lifecycle"
    for system, code, status in ((lifecycle, "in-pses", 201), (GENDER_SYSTEM, "female", 422)):
        basic = {"resourceType": "Basic", "code": {"coding": [{"system": system, "code": code}]}}
        answer = hospital.post("/Basic", basic | {"meta": {"profile": [f"{OWN}-8"]}})
        assert answer.status_code == status, answer.text
