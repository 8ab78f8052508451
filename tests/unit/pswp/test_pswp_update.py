"""From intake on no update changes or strips the standing of a resource."""

import copy

import pytest

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.outcome import Issue
from psolink.pswp import intake, labels, record, report
from psolink.pswp.labels import ACT_CODE, COMPARTMENT, CONFIDENTIALITY, DESIGNATION, POLICY

RECORD = f"{CANONICAL}/StructureDefinition/pswp-record"
PROFILE = f"{CANONICAL}/StructureDefinition/pswp-adverse-event"


def issues(sent: JsonObject, current: JsonObject) -> list[Issue]:
    return list(intake.check_update(sent, current, at="AdverseEvent"))


def label(system: str, code: str) -> JsonObject:
    return {"system": system, "code": code}


@pytest.fixture
def current(stored):
    return stored()


@pytest.fixture
def reported(current, pso, now):
    return report.report(
        current.resource,
        current.access,
        recipient=pso,
        mode="transmitted",
        receipt={"value": "r1"},
        now=now,
    )


WITHOUT_STANDING = [
    pytest.param({}, id="an empty meta"),
    pytest.param({"security": []}, id="no labels"),
    pytest.param({"extension": []}, id="no record"),
    pytest.param({"security": [label(ACT_CODE, "PSY")]}, id="other labels only"),
    pytest.param({"security": [label(DESIGNATION, "pswp-reported")]}, id="one label only"),
    pytest.param({"extension": [{"url": RECORD, "extension": []}]}, id="an empty record"),
]


@pytest.mark.parametrize("meta", WITHOUT_STANDING)
def test_what_is_not_sent_is_restored(meta, reported):
    sent = reported.resource | {"meta": meta}
    updated = intake.label_update(sent, reported.resource, reported.access)
    assert issues(sent, reported.resource) == []
    assert stamped(updated.resource) == stamped(reported.resource)
    assert record.read(updated.resource) == record.read(reported.resource)
    assert updated.access == reported.access


def test_a_missing_meta_is_restored(reported):
    sent = {name: each for name, each in reported.resource.items() if name != "meta"}
    updated = intake.label_update(sent, reported.resource, reported.access)
    assert updated.resource == reported.resource


def stamped(resource: JsonObject) -> list[JsonObject]:
    systems = (CONFIDENTIALITY, DESIGNATION, POLICY, COMPARTMENT)
    return [each for _, each in labels.codings(resource) if each["system"] in systems]


def test_what_was_read_can_be_sent_back(reported):
    assert issues(reported.resource, reported.resource) == []
    assert intake.label_update(reported.resource, reported.resource, reported.access) == reported


CHANGED_LABELS = [
    pytest.param(label(DESIGNATION, "pswp-reported"), "$pswp-report", id="reported"),
    pytest.param(label(DESIGNATION, "not-pswp-removed"), "$pswp-dropout", id="removed"),
    pytest.param(label(DESIGNATION, "nonidentifiable-held"), "$pswp-nonidentify", id="nonidentifiable"),
    pytest.param(label(DESIGNATION, "pswp-anonymized"), "$pswp-disclose", id="anonymized"),
    pytest.param(label(DESIGNATION, "pswp-deliberation"), "$pswp-enter", id="deliberation"),
    pytest.param(label(DESIGNATION, "not-pswp-original"), "created", id="original"),
    pytest.param(label(DESIGNATION, "undetermined"), "created", id="undetermined"),
    pytest.param(label(DESIGNATION, "nonsense"), "no designation", id="unknown"),
    pytest.param(label(COMPARTMENT, "PSO:pso-p"), "$pswp-report", id="a PSO's compartment"),
    pytest.param(label(COMPARTMENT, "PSES:hospital-b"), "$pswp-report", id="another PSES"),
    pytest.param(label(POLICY, "CONTRACT"), "policy", id="policy"),
    pytest.param(label(CONFIDENTIALITY, "N"), "is R", id="lower confidentiality"),
    pytest.param(label(CONFIDENTIALITY, "V"), "is R", id="higher confidentiality"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "says"), CHANGED_LABELS)
def test_another_label_is_refused_and_comes_to_nothing(changed, says, current, event):
    sent = event(None, changed)
    [issue] = issues(sent, current.resource)
    assert issue.expression == "AdverseEvent.meta.security[0]"
    assert says in issue.diagnostics
    updated = intake.label_update(sent, current.resource, current.access)
    assert stamped(updated.resource) == stamped(current.resource)
    assert updated.access == current.access


REFERENCE = {"identifier": {"system": f"{CANONICAL}/sid/organization", "value": "pso-q"}}
CHANGED_PARTS = [
    {"url": "designation", "valueCoding": label(DESIGNATION, "pswp-pending")},
    {"url": "pathway", "valueCode": "deliberation"},
    {"url": "lifecycle", "valueCode": "in-pses"},
    {"url": "provider", "valueReference": REFERENCE},
    {"url": "psesEntryDate", "valueDateTime": "2020-01-01"},
    {"url": "reportedTo", "valueReference": REFERENCE},
    {"url": "reportedAt", "valueDateTime": "2020-01-01"},
    {"url": "reportMode", "valueCode": "functional"},
    {"url": "receipt", "valueIdentifier": {"value": "r2"}},
]


@pytest.mark.parametrize("part", CHANGED_PARTS, ids=lambda part: part["url"])
def test_another_value_of_the_servers_is_refused_and_comes_to_nothing(part, reported, event):
    sent = event(record=[part])
    [issue] = issues(sent, reported.resource)
    assert "meta.extension[0].extension[0].value" in str(issue.expression)
    updated = intake.label_update(sent, reported.resource, reported.access)
    assert record.read(updated.resource) == record.read(reported.resource)


def test_the_owner_may_change_its_own_parts(current, event, on_record):
    sent = event(record=[{"url": "purposeOfCreation", "valueCode": "report-to-pso"}])
    updated = intake.label_update(sent, current.resource, current.access).resource
    assert issues(sent, current.resource) == []
    assert on_record(updated).purposes_of_creation == ("report-to-pso",)
    assert on_record(updated).pses_entry_date == on_record(current.resource).pses_entry_date


def test_the_owners_parts_stay_where_no_record_is_sent(event, stored, on_record):
    kept = stored(record=[{"url": "pses", "valueIdentifier": {"value": "quality"}}])
    updated = intake.label_update(event(), kept.resource, kept.access).resource
    assert on_record(updated).pses == {"value": "quality"}


def test_a_purpose_that_rules_out_work_product_cannot_come_by_update(current, event):
    sent = event(record=[{"url": "purposeOfCreation", "valueCode": "state-report"}])
    [issue] = issues(sent, current.resource)
    assert "$pswp-dropout" in issue.diagnostics


def test_the_senders_other_labels_change_freely(current, event):
    sent = event(None, label(ACT_CODE, "PSY"), label("urn:x", "y"))
    updated = intake.label_update(sent, current.resource, current.access).resource
    again = intake.label_update(event(), updated, current.access).resource
    assert labels.codes(updated, "urn:x") == ["y"]
    assert again["meta"]["security"] == current.resource["meta"]["security"]


@pytest.mark.parametrize("resource_type", ["Patient", "QuestionnaireResponse"])
def test_ordinary_data_does_not_become_work_product_by_update(resource_type, event, hospital, now):
    plain = event() | {"resourceType": resource_type}
    before = intake.label_new(plain, hospital, now=now)
    sent = event("pswp-pending") | {"resourceType": resource_type}
    [issue] = issues(sent, before.resource)
    assert "$pswp-enter" in issue.diagnostics
    assert not intake.label_update(sent, before.resource, before.access).access.pswp


def test_ordinary_data_follows_the_confidentiality_of_its_owner(event, hospital, now):
    plain = event() | {"resourceType": "Patient"}
    before = intake.label_new(plain, hospital, now=now)
    sent = event(None, label(CONFIDENTIALITY, "V")) | {"resourceType": "Patient"}
    assert issues(sent, before.resource) == []
    assert intake.label_update(sent, before.resource, before.access).access.level == 5


def test_what_is_no_work_product_keeps_its_designation_and_follows_its_owner(stored, event):
    before = stored("not-pswp-external")
    sent = event(None, label(CONFIDENTIALITY, "R"))
    updated = intake.label_update(sent, before.resource, before.access)
    assert issues(sent, before.resource) == []
    assert labels.designation(updated.resource) == "not-pswp-external"
    assert labels.codes(updated.resource, CONFIDENTIALITY) == ["R"]
    assert updated.access.level == 4
    assert not updated.access.pswp


def test_an_update_that_claims_the_profile_need_not_repeat_the_label(current, event):
    assert issues(event(profile=[PROFILE]), current.resource) == []


def test_an_update_that_claims_the_profile_must_keep_it(current, event):
    sent = event(profile=[PROFILE]) | {"identifier": None}
    assert [issue.expression for issue in issues(sent, current.resource)] == [
        "AdverseEvent.identifier"
    ]


def test_nothing_that_is_given_is_changed_in_place(event, reported):
    sent = event(None, label(ACT_CODE, "PSY"), record=[{"url": "pses", "valueIdentifier": {}}])
    before = copy.deepcopy((sent, reported.resource))
    intake.label_update(sent, reported.resource, reported.access)
    issues(sent, reported.resource)
    assert (sent, reported.resource) == before
