"""A report: the item afterwards, its Provenance and the row of the disclosure log."""

import copy
from datetime import date, timedelta

import pytest

from psolink.errors import Unprocessable
from psolink.fhir_json import CANONICAL
from psolink.pswp import labels, lifecycle, report
from psolink.pswp.decision import decide
from psolink.pswp.facts import Contract, Listing
from psolink.pswp.party import Party, reference
from psolink.pswp.record import PswpRecord
from psolink.store.values import Access

RECEIPT = {"system": "https://pso-p.example/receipts", "value": "r-1"}


@pytest.fixture
def reported(stored, pso, now):
    before = stored()
    return report.report(
        before.resource, before.access, recipient=pso, mode="transmitted", receipt=RECEIPT, now=now
    )


def test_the_provider_keeps_the_item_and_the_pso_holds_it_too(reported):
    assert reported.access == Access("hospital-a", ("hospital-a", "pso-p"), 4, pswp=True)


def test_the_report_is_on_record(reported, on_record):
    found = on_record(reported.resource)
    assert found.designation == "pswp-reported"
    assert found.lifecycle == "reported"
    assert found.reported_to == ("pso-p",)
    assert found.reported_at == "2026-03-02T09:15:00.000-06:00"
    assert (found.report_mode, found.receipt) == ("transmitted", RECEIPT)


def test_the_date_of_entry_stays(stored, pso, now, on_record):
    before = stored()
    later = now + timedelta(days=3)
    after = report.report(
        before.resource, before.access, recipient=pso, mode="functional", receipt=None, now=later
    )
    assert on_record(after.resource).pses_entry_date == "2026-03-02T09:15:00.000-06:00"
    assert on_record(after.resource).reported_at == "2026-03-05T09:15:00.000-06:00"


def test_nothing_but_meta_is_changed_and_nothing_in_place(stored, pso, now):
    before = stored()
    copied = copy.deepcopy(before)
    after = report.report(
        before.resource, before.access, recipient=pso, mode="transmitted", receipt=None, now=now
    )
    assert before == copied
    assert after.resource | {"meta": 0} == before.resource | {"meta": 0}


def test_other_labels_and_the_owners_parts_stay(stored, pso, now, on_record):
    theirs = {"system": "urn:x", "code": "y"}
    before = stored(
        "pswp-pending", record=[{"url": "purposeOfCreation", "valueCode": "report-to-pso"}]
    )
    meta = before.resource["meta"]
    tagged = before.resource | {"meta": meta | {"security": [*meta["security"], theirs]}}
    after = report.report(
        tagged, before.access, recipient=pso, mode="transmitted", receipt=None, now=now
    ).resource
    assert after["meta"]["security"][-1] == theirs
    assert on_record(after).purposes_of_creation == ("report-to-pso",)


def test_a_reported_deliberation_stays_deliberation(stored, pso, now, on_record):
    before = stored("pswp-deliberation")
    after = report.report(
        before.resource, before.access, recipient=pso, mode="transmitted", receipt=None, now=now
    )
    assert labels.designation(after.resource) == "pswp-deliberation"
    assert on_record(after.resource).lifecycle == "reported"
    assert after.access.level == 5


@pytest.mark.parametrize("designation", [None, "not-pswp-original"])
def test_what_is_not_in_the_evaluation_system_cannot_be_reported(designation, stored, pso, now):
    before = stored(designation)
    with pytest.raises(Unprocessable):
        report.report(
            before.resource, before.access, recipient=pso, mode="transmitted", receipt=None, now=now
        )


@pytest.mark.parametrize("again", ["pso-p", "pso-q"])
def test_a_reported_item_is_not_reported_again(again, reported, now):
    with pytest.raises(Unprocessable):
        report.report(
            reported.resource,
            reported.access,
            recipient=Party(again, "pso"),
            mode="transmitted",
            receipt=None,
            now=now,
        )


def test_a_deliberation_is_not_reported_twice(stored, pso, now):
    once = stored("pswp-deliberation")
    terms = {"recipient": pso, "mode": "transmitted", "receipt": None, "now": now}
    twice = report.report(once.resource, once.access, **terms)
    with pytest.raises(Unprocessable, match="reported, which leads to"):
        report.report(twice.resource, twice.access, **terms)


def test_the_provenance_tells_of_the_report_and_is_work_product(reported, hospital, pso, now):
    made = report.provenance(reported.resource, discloser=hospital, recipient=pso, now=now)
    assert made.resource["target"] == [{"reference": "AdverseEvent/e1"}]
    assert made.resource["activity"]["coding"][0] == {
        "system": f"{CANONICAL}/CodeSystem/pswp-activity",
        "code": "report",
    }
    assert [each["who"] for each in made.resource["agent"]] == [
        reference("hospital-a"),
        reference("pso-p"),
    ]
    assert made.resource["policy"] == [
        "https://www.ecfr.gov/current/title-42/section-3.206#p-3.206(b)(4)(i)"
    ]
    assert labels.designation(made.resource) == "pswp-fact-of-reporting"
    assert labels.codes(made.resource, labels.COMPARTMENT) == ["PSES:hospital-a", "PSO:pso-p"]
    assert made.access == Access("hospital-a", ("hospital-a", "pso-p"), 4, pswp=True)


@pytest.fixture
def facts(stored, hospital, pso, now):
    return report.facts(
        stored().resource,
        discloser=hospital,
        recipient=pso,
        purpose_of_use="PATSFTY",
        mode="transmitted",
        contract=Contract(date(2026, 1, 1)),
        listing=Listing("listed"),
        now=now,
    )


def test_the_facts_of_a_stored_item_lead_to_a_permit(facts):
    assert decide(facts).is_permit


def test_the_provenance_is_on_record_since_the_report(reported, hospital, pso, now, on_record):
    made = report.provenance(reported.resource, discloser=hospital, recipient=pso, now=now)
    assert on_record(made.resource) == PswpRecord(
        designation="pswp-fact-of-reporting",
        pathway="fact-of-reporting",
        lifecycle="in-pses",
        provider="hospital-a",
        pses_entry_date="2026-03-02T09:15:00.000-06:00",
    )


def test_the_log_says_who_what_to_whom_and_by_which_rule(reported, facts, now):
    row = report.disclosure_entry(
        reported.resource, reported.access, decide(facts), facts, entry_id="d1"
    )
    assert row == {
        "_id": "d1",
        "at": now,
        "permission": "psa-prov-pso",
        "cite": "42 CFR 3.206(b)(4)(i)",
        "purpose": "PATSFTY",
        "discloser": "hospital-a",
        "recipient": "pso-p",
        "item": "hospital-a/AdverseEvent/e1",
        "mode": "transmitted",
        "contentLevel": "identified",
        "rule": "psa-prov-pso",
        "obligations": ["AUDTR", "PERSISTLABEL", "NORDSCLW"],
        "privilegedAfter": True,
        "confidentialAfter": True,
        "hipaaAccountable": False,
    }


def test_what_was_reported_may_not_be_deleted(stored, reported):
    assert lifecycle.may_delete(stored().resource)
    assert lifecycle.may_delete({"resourceType": "Patient"})
    assert not lifecycle.may_delete(reported.resource)
