"""What a client may say in the PSWP record at intake, and what the server writes there."""

import pytest

from psolink.fhir_json import CANONICAL, JsonObject
from psolink.pswp import intake, record
from psolink.pswp.labels import COMPARTMENT, CONFIDENTIALITY, DESIGNATION, POLICY
from psolink.pswp.party import Party

RECORD = f"{CANONICAL}/StructureDefinition/pswp-record"


def found(resource: JsonObject, party: Party) -> list[tuple[str, str | None]]:
    return [
        (str(issue.code), issue.expression)
        for issue in intake.check(resource, party, at="AdverseEvent")
    ]


AT = "AdverseEvent.meta.extension[0].extension[0]"
PSO_P = {
    "type": "Organization",
    "identifier": {"system": f"{CANONICAL}/sid/organization", "value": "pso-p"},
}
FAULTY_PARTS = [
    pytest.param({"url": "reportedTo", "valueReference": PSO_P}, f"{AT}.valueReference", id="reportedTo"),
    pytest.param(
        {"url": "reportedAt", "valueDateTime": "2026-01-01"}, f"{AT}.valueDateTime", id="reportedAt"
    ),
    pytest.param({"url": "reportMode", "valueCode": "functional"}, f"{AT}.valueCode", id="reportMode"),
    pytest.param({"url": "receipt", "valueIdentifier": {"value": "1"}}, f"{AT}.valueIdentifier", id="receipt"),
    pytest.param(
        {"url": "psesEntryDate", "valueDateTime": "2020-01-01"}, f"{AT}.valueDateTime", id="psesEntryDate"
    ),
    pytest.param({"url": "lifecycle", "valueCode": "reported"}, f"{AT}.valueCode", id="lifecycle"),
    pytest.param({"url": "pathway", "valueCode": "deliberation"}, f"{AT}.valueCode", id="pathway"),
    pytest.param({"url": "provider", "valueReference": PSO_P}, f"{AT}.valueReference", id="provider"),
    pytest.param(
        {"url": "provider", "valueReference": {"reference": "Organization/hospital-a"}},
        f"{AT}.valueReference",
        id="provider by literal reference",
    ),
    pytest.param(
        {"url": "designation", "valueCoding": {"system": DESIGNATION, "code": "pswp-reported"}},
        f"{AT}.valueCoding",
        id="another designation than the label's",
    ),
    pytest.param({"url": "purposeOfCreation", "valueCode": "fun"}, f"{AT}.valueCode", id="unknown purpose"),
    pytest.param({"url": "lifecycle", "valueString": "in-pses"}, AT, id="wrong type of value"),
    pytest.param({"url": "legalBasis", "valueCode": "x"}, f"{AT}.url", id="unknown part"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "expression"), FAULTY_PARTS)
def test_a_part_of_the_record_that_is_not_the_clients_is_refused(part, expression, event, hospital):
    assert [each for _, each in found(event("pswp-pending", record=[part]), hospital)] == [
        expression
    ]


def test_what_the_server_would_write_anyway_may_be_sent(event, hospital, now):
    parts = record.to_extension(
        record.PswpRecord("pswp-pending", "reporting", "in-pses", "hospital-a")
    )["extension"]
    same = [
        {"system": COMPARTMENT, "code": "PSES:hospital-a"},
        {"system": POLICY, "code": "PSQIA"},
        {"system": CONFIDENTIALITY, "code": "R"},
    ]
    sent = event("pswp-pending", *same, record=parts)
    plain = intake.label_new(event("pswp-pending"), hospital, now=now)
    assert found(sent, hospital) == []
    assert intake.label_new(sent, hospital, now=now) == plain


def test_a_part_that_does_not_repeat_is_refused_the_second_time(event, hospital):
    part = {"url": "pses", "valueIdentifier": {"value": "1"}}
    sent = event("pswp-pending", record=[part, part])
    assert found(sent, hospital) == [("structure", "AdverseEvent.meta.extension[0].extension[1]")]


def test_a_second_record_is_refused(event, hospital):
    sent = event("pswp-pending", extension=[{"url": RECORD}, {"url": RECORD}])
    assert found(sent, hospital) == [("duplicate", "AdverseEvent.meta.extension[1]")]


@pytest.mark.parametrize("purpose", ["state-report", "patient-care", "claims"])
def test_a_purpose_that_rules_out_work_product_is_refused_with_it(purpose, event, hospital):
    part = {"url": "purposeOfCreation", "valueCode": purpose}
    [(code, _)] = found(event("pswp-pending", record=[part]), hospital)
    assert code == "business-rule"


@pytest.mark.parametrize("designation", [None, "undetermined", "not-pswp-external"])
def test_such_a_purpose_is_taken_where_nothing_is_claimed(designation, event, hospital):
    part = {"url": "purposeOfCreation", "valueCode": "state-report"}
    assert found(event(designation, record=[part]), hospital) == []


def test_ordinary_data_cannot_carry_a_record(event, hospital):
    sent = event(record=[]) | {"resourceType": "Patient"}
    assert found(sent, hospital) == [("business-rule", "AdverseEvent.meta.extension[0]")]


def test_the_date_of_entry_keeps_its_time_zone(stored, on_record):
    assert on_record(stored().resource).pses_entry_date == "2026-03-02T09:15:00.000-06:00"


def test_a_clock_without_a_time_zone_is_refused(event, hospital, now):
    with pytest.raises(ValueError, match="time zone"):
        intake.label_new(event("pswp-pending"), hospital, now=now.replace(tzinfo=None))


def test_the_parts_of_the_owner_are_kept(event, hospital, now, on_record):
    parts = [
        {"url": "pses", "valueIdentifier": {"value": "quality"}},
        {"url": "purposeOfCreation", "valueCode": "report-to-pso"},
        {"url": "copyOf", "valueReference": {"reference": "DocumentReference/d1"}},
        {"url": "identifiedProvider", "valueReference": {"reference": "Practitioner/x"}},
    ]
    sent = event("pswp-pending", record=parts)
    assert found(sent, hospital) == []
    kept = on_record(intake.label_new(sent, hospital, now=now).resource)
    assert kept.pses == {"value": "quality"}
    assert kept.purposes_of_creation == ("report-to-pso",)
    assert kept.copies_of == ({"reference": "DocumentReference/d1"},)
    assert kept.identified_providers == ({"reference": "Practitioner/x"},)
