"""Our profile of AdverseEvent, as it is published, on sound events and on such with one fault."""

import json
from copy import deepcopy
from typing import Any

import pytest

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.outcome import Issue
from psolink.validation import Validator
from psolink.validation.profiles import Profiles, read_resources

FOLDER = artifact_dir("profiles") / "psolink"
URL = f"{CANONICAL}/StructureDefinition/pswp-adverse-event"
RECORD = f"{CANONICAL}/StructureDefinition/pswp-record"
DESIGNATION = f"{CANONICAL}/CodeSystem/pswp-designation"
POLICY = f"{CANONICAL}/CodeSystem/pswp-policy"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
PROFILES = Profiles(load_definitions(), read_resources(FOLDER))
EVENT: JsonObject = json.loads((FOLDER / "examples" / "AdverseEvent-as-returned.json").read_text())


def labels(*codings: tuple[str, str]) -> list[JsonObject]:
    return [{"system": system, "code": code} for system, code in codings]


SOUND_LABELS = labels((CONFIDENTIALITY, "R"), (DESIGNATION, "pswp-pending"), (POLICY, "PSQIA"))


def event(security: list[JsonObject] | None = None, **changes: Any) -> JsonObject:
    """Return the example with other labels, and with elements changed or (None) taken out."""
    changed = deepcopy(EVENT) | changes
    if security is not None:
        changed["meta"]["security"] = security
    return {name: value for name, value in changed.items() if value is not None}


def recorded(**parts: JsonObject | None) -> JsonObject:
    """Return the example with parts of its record changed, added or (None) taken out."""
    changed = deepcopy(EVENT)
    record = changed["meta"]["extension"][0]
    kept = [each for each in record["extension"] if each["url"] not in parts]
    added = [{"url": url} | value for url, value in parts.items() if value is not None]
    record["extension"] = kept + added
    return changed


def twice() -> JsonObject:
    changed = deepcopy(EVENT)
    changed["meta"]["extension"] *= 2
    return changed


def faults(resource: JsonObject) -> list[Issue]:
    return [issue for issue in PROFILES.validate(resource, URL) if issue.is_error]


SOUND = [
    pytest.param(EVENT, id="the published example"),
    pytest.param(event(SOUND_LABELS), id="the labels alone"),
    pytest.param(event([*SOUND_LABELS, {"code": "x"}]), id="a label of another kind"),
    pytest.param(event(subject={"reference": "Group/a"}), id="a group"),
    pytest.param(recorded(pses=None), id="a record with a part less"),
]
VALUE_SET = f"{CANONICAL}/ValueSet"
BAD_CODE = {"valueCode": "none-such"}
META = "AdverseEvent.meta"
PART = f"{META}.extension[0].extension"
FAULTY = [
    ("no meta", event(meta=None), "required", META, "meta is needed"),
    (
        "no designation",
        event(labels((CONFIDENTIALITY, "R"))),
        "required",
        f"{META}.security",
        "slice designation",
    ),
    (
        "two designations",
        event([*SOUND_LABELS, *labels((DESIGNATION, "pswp-pending"))]),
        "structure",
        f"{META}.security",
        "security:designation may come 1",
    ),
    (
        "two confidentialities",
        event([*SOUND_LABELS, *labels((CONFIDENTIALITY, "V"))]),
        "structure",
        f"{META}.security",
        "security:confidentiality may come 1",
    ),
    (
        "an unknown policy",
        event([*SOUND_LABELS[:2], *labels((POLICY, "none-such"))]),
        "code-invalid",
        f"{META}.security[2]",
        f"not in {VALUE_SET}/pswp-policy",
    ),
    (
        "a label without a code",
        event([*SOUND_LABELS, {"system": f"{CANONICAL}/CodeSystem/pswp-compartment"}]),
        "required",
        f"{META}.security[3].code",
        "slice compartment",
    ),
    (
        "work product that is not restricted",
        event(labels((CONFIDENTIALITY, "N"), (DESIGNATION, "pswp-pending"))),
        "invariant",
        META,
        "pswp-8",
    ),
    (
        "a record that says otherwise than the label",
        event(labels((CONFIDENTIALITY, "R"), (DESIGNATION, "pswp-reported"))),
        "invariant",
        META,
        "pswp-7",
    ),
    ("no identifier", event(identifier=None), "required", "AdverseEvent.identifier", "identifier"),
    (
        "a practitioner as subject",
        event(subject={"reference": "Practitioner/a"}),
        "value",
        "AdverseEvent.subject",
        "only to Group, Patient",
    ),
    ("two records", twice(), "structure", f"{META}.extension", "slice pswpRecord"),
    (
        "an unknown lifecycle",
        recorded(lifecycle=BAD_CODE),
        "code-invalid",
        f"{PART}[6].value",
        f"not in {VALUE_SET}/pswp-lifecycle",
    ),
    (
        "a part of another type",
        recorded(lifecycle={"valueString": "in-pses"}),
        "structure",
        f"{PART}[6].value",
        "Expected code, found string",
    ),
    (
        "a part without a value",
        recorded(pses={"extension": [{"url": "http://a.org", "valueCode": "a"}]}),
        "structure",
        f"{PART}[6].extension",
        "slice pses",
    ),
    (
        "a provider that is no organization",
        recorded(provider={"valueReference": {"reference": "Patient/a"}}),
        "value",
        f"{PART}[6].value",
        "only to Organization",
    ),
    (
        "the reporting pathway without an entry date",
        recorded(psesEntryDate=None),
        "invariant",
        f"{META}.extension[0]",
        "pswp-1",
    ),
    (
        "a report without its recipient",
        recorded(reportedAt={"valueDateTime": "2026-03-03"}),
        "invariant",
        f"{META}.extension[0]",
        "pswp-2",
    ),
]


@pytest.mark.parametrize("resource", SOUND)
def test_a_sound_event_keeps_the_profile(validator: Validator, resource: JsonObject):
    assert [issue for issue in validator.validate(resource) if issue.is_error] == []
    assert faults(resource) == []


@pytest.mark.parametrize(
    ("resource", "code", "at", "says"), [pytest.param(*case, id=name) for name, *case in FAULTY]
)
def test_a_faulty_event_breaks_it(resource: JsonObject, code: str, at: str, says: str):
    found = [(issue.code, issue.expression) for issue in faults(resource)]
    assert (code, at) in found
    assert any(says in issue.diagnostics for issue in faults(resource))
    assert all(f"profile {CANONICAL}" in issue.diagnostics for issue in faults(resource))


def test_there_are_twenty_cases():
    assert len(SOUND) + len(FAULTY) >= 20


def test_the_snapshot_has_the_elements_that_the_published_one_has():
    published = json.loads((FOLDER / "StructureDefinition-pswp-adverse-event.json").read_text())
    rules = ("id", "path", "sliceName", "min", "max")

    def view(structure: JsonObject) -> list[tuple[Any, ...]]:
        return [
            tuple(element.get(name) for name in rules)
            for element in structure["snapshot"]["element"]
        ]

    assert view(PROFILES.snapshot(URL)) == view(published)
