"""The story that `psolink demo` plays: one event on its way from a hospital to a PSO."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psolink.artifacts import artifact_dir
from psolink.commands.files import read_resource
from psolink.commands.narrator import Narrator
from psolink.fhir_json import CANONICAL, JsonObject

PROFILE = f"{CANONICAL}/StructureDefinition/pswp-adverse-event"
HOSPITAL, RIVAL, PSO, OTHER_PSO, OUTSIDER = (
    "hospital-a",
    "hospital-b",
    "pso-p",
    "pso-q",
    "outsider",
)


def examples() -> tuple[Path, Path]:
    """Return the files of the Bundle and of the Common Formats report that the story sends."""
    return (
        artifact_dir("profiles") / "psolink" / "examples" / "Bundle-hospital-event.json",
        artifact_dir("mappings") / "examples" / "medication-loinc.json",
    )


def play(narrator: Narrator, kill_and_restart: Callable[[], None]) -> None:
    """Play the whole story; raise `StoryFailed` at the first step that goes wrong."""
    bundle_file, report_file = examples()
    event = _push(narrator, read_resource(bundle_file))
    _push_again(narrator, read_resource(bundle_file))
    derived = _submit_report(narrator, read_resource(report_file))
    _work_with(narrator, event)
    _others_see_nothing(narrator, event)
    _report_to_pso(narrator, event)
    _refuse_invalid(narrator)
    _survive_a_kill(narrator, [event, derived], kill_and_restart)


def _push(narrator: Narrator, bundle: JsonObject) -> str:
    narrator.scene(1, "Hospital A's EHR pushes an event with its companions in one transaction")
    answer = narrator.request(HOSPITAL, "POST", "", bundle, expect=200)
    narrator.check("every entry was created", holds=_statuses(answer) == {"201 Created"})
    event = _reference(answer, "AdverseEvent")
    narrator.say(f"the event is {event}")
    return event


def _push_again(narrator: Narrator, bundle: JsonObject) -> None:
    narrator.scene(2, "The same Bundle again changes nothing: its creates are conditional")
    answer = narrator.request(HOSPITAL, "POST", "", bundle, expect=200)
    narrator.check("every entry was there already", holds=_statuses(answer) == {"200 OK"})


def _submit_report(narrator: Narrator, report: JsonObject) -> str:
    narrator.scene(3, "An interface engine submits a Common Formats Medication report")
    answer = narrator.request(HOSPITAL, "POST", "/$submit-common-formats", report, expect=200)
    derived = _reference(answer, "AdverseEvent")
    event = narrator.request(HOSPITAL, "GET", f"/{derived}", expect=200)
    narrator.check(
        "the derived AdverseEvent says what happened, to what, and where it came from",
        holds=all(name in event for name in ("actuality", "event", "suspectEntity", "identifier")),
    )
    kept = [
        issue
        for entry in answer["entry"]
        for issue in entry["response"].get("outcome", {}).get("issue", [])
    ]
    narrator.say(
        f"{len(kept)} remarks, such as: {kept[0]['diagnostics']}" if kept else "no remarks"
    )
    return derived


def _work_with(narrator: Narrator, event: str) -> None:
    narrator.scene(4, "Hospital A reads, searches, updates and sees the history")
    found = narrator.request(HOSPITAL, "GET", f"/{event}", expect=200)
    identifier = found["identifier"]
    query = quote(f"{identifier['system']}|{identifier['value']}")
    hits = narrator.request(HOSPITAL, "GET", f"/AdverseEvent?identifier={query}", expect=200)
    narrator.check("the search finds exactly this event", holds=hits["total"] == 1)
    version = found["meta"]["versionId"]
    changed = found | {"detected": "2026-03-02T10:00:00+00:00"}
    if_match = {"If-Match": f'W/"{version}"'}
    narrator.request(HOSPITAL, "PUT", f"/{event}", changed, expect=200, headers=if_match)
    narrator.request(HOSPITAL, "PUT", f"/{event}", changed, expect=412, headers=if_match)
    history = narrator.request(HOSPITAL, "GET", f"/{event}/_history", expect=200)
    narrator.check("the history has both versions", holds=len(history["entry"]) == int(version) + 1)


def _others_see_nothing(narrator: Narrator, event: str) -> None:
    narrator.scene(5, "For Hospital B, the PSO and the outsider the event does not exist")
    for actor in (RIVAL, PSO, OUTSIDER):
        _sees_nothing(narrator, actor, event)


def _report_to_pso(narrator: Narrator, event: str) -> None:
    narrator.scene(6, "Hospital A reports the event to PSO P, with whom it has a contract")
    recipient = {"name": "recipient", "valueReference": {"reference": f"Organization/{PSO}"}}
    parameters = {"resourceType": "Parameters", "parameter": [recipient]}
    narrator.request(HOSPITAL, "POST", f"/{event}/$pswp-report", parameters, expect=200)
    narrator.request(PSO, "GET", f"/{event}", expect=200)
    _sees_nothing(narrator, OTHER_PSO, event)


def _refuse_invalid(narrator: Narrator) -> None:
    narrator.scene(7, "A Bundle with four faults is refused whole, and each fault is named")
    answer = narrator.request(HOSPITAL, "POST", "", _faulty_bundle(), expect=422)
    for issue in answer["issue"]:
        narrator.say(f"{', '.join(issue.get('expression', []))}: {issue['diagnostics']}")
    named = {path for issue in answer["issue"] for path in issue.get("expression", [])}
    narrator.check("four faults are named", holds=named >= _FAULTS)
    hits = narrator.request(HOSPITAL, "GET", "/Patient?identifier=refused", expect=200)
    narrator.check("nothing of the Bundle was stored", holds=hits["total"] == 0)


def _survive_a_kill(
    narrator: Narrator, references: list[str], kill_and_restart: Callable[[], None]
) -> None:
    narrator.scene(8, "The server is killed (SIGKILL) and started again")
    kill_and_restart()
    for reference in references:
        narrator.request(HOSPITAL, "GET", f"/{reference}", expect=200)
    narrator.request(PSO, "GET", f"/{references[0]}", expect=200)
    narrator.say("everything that was acknowledged is still there")


def _sees_nothing(narrator: Narrator, actor: str, event: str) -> None:
    narrator.request(actor, "GET", f"/{event}", expect=404)
    hits = narrator.request(actor, "GET", "/AdverseEvent", expect=200)
    narrator.check(f"{actor} finds nothing", holds=hits["total"] == 0 and "entry" not in hits)


def _statuses(answer: Any) -> set[str]:  # noqa: ANN401 - parsed JSON
    return {entry["response"]["status"] for entry in answer["entry"]}


def _reference(answer: Any, resource_type: str) -> str:  # noqa: ANN401 - parsed JSON
    locations = [entry["response"]["location"] for entry in answer["entry"]]
    found = next(each for each in locations if f"/{resource_type}/" in each)
    resource_id = found.split(f"/{resource_type}/")[1].split("/")[0]
    return f"{resource_type}/{resource_id}"


_FAULTS = {
    "Bundle.entry[0].resource.gender",
    "Bundle.entry[1].resource.actuality",
    "Bundle.entry[1].resource.subject",
    "Bundle.entry[2].resource.meta.security",
}


def _faulty_bundle() -> JsonObject:
    identifier = {"system": "https://hospital-a.example/patients", "value": "refused"}
    resources: list[JsonObject] = [
        {"resourceType": "Patient", "identifier": [identifier], "gender": "unheard-of"},
        {"resourceType": "AdverseEvent", "subject": {"reference": "Location/ward-1"}},
        {
            "resourceType": "AdverseEvent",
            "meta": {"profile": [PROFILE]},
            "actuality": "actual",
            "subject": {"reference": "Patient/someone"},
        },
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}}
            for each in resources
        ],
    }
