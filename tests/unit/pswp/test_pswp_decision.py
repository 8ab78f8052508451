"""Decisions on reports of a provider to a PSO, and the denial of everything else."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from psolink.pswp import permissions
from psolink.pswp.decision import WARN_DELISTED, AfterStatus, decide
from psolink.pswp.designations import DESIGNATIONS
from psolink.pswp.facts import Actor, Contract, Facts, Item, Listing
from psolink.pswp.party import Party

NOW = datetime.fromisoformat("2026-03-31T12:00:00-05:00")
PENDING = Item("pswp-pending", "in-pses", "reporting", "2026-03-02T09:15:00-06:00")
CONTRACT = Contract(begins=date(2025, 1, 1))
PROVEN = Facts(
    now=NOW,
    permission="psa-prov-pso",
    discloser=Actor("hospital-a", "provider"),
    recipient=Actor("pso-p", "pso"),
    item=PENDING,
    purpose_of_use="PATSFTY",
    contract=CONTRACT,
    listing=Listing("listed"),
)


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


VECTORS = [
    pytest.param({}, None, id="V01 listed, under contract"),
    pytest.param({"contract": None}, "NO-CONTRACT", id="V02 listed, no contract"),
    pytest.param({"listing": Listing("delisted", days_ago(10))}, None, id="V03 delisted 10 days ago"),
    pytest.param({"listing": Listing("delisted", days_ago(31))}, "PSO-NOT-LISTED", id="V04 delisted 31 days ago"),
    pytest.param({"listing": Listing("never")}, "PSO-NOT-LISTED", id="V05 never listed"),
    pytest.param({"listing": Listing(), "recipient": Actor("x", "public")}, "PSO-NOT-LISTED", id="V05 no PSO at all"),
    pytest.param({"recipient": Actor("x", "state-agency")}, "RECIPIENT-NOT-IN-CLASS", id="a listed body in another role"),
    pytest.param({"discloser": Actor("pso-q", "pso")}, "DISCLOSER-NOT-PROVIDER", id="a PSO discloses"),
    pytest.param({"purpose_of_use": None}, "PURPOSE-MISSING", id="no purpose"),
    pytest.param({"purpose_of_use": "HMARKT"}, "PURPOSE-NOT-PSA", id="another purpose"),
    pytest.param({"purpose_of_use": "HQUALIMP"}, None, id="quality improvement"),
    pytest.param({"contract": replace(CONTRACT, forbids=("psa-prov-pso",))}, "CONTRACT-RESTRICTION", id="the contract forbids it"),
    pytest.param({"mode": "functional"}, "CONTRACT-RESTRICTION", id="functional, not agreed"),
    pytest.param({"mode": "functional", "contract": replace(CONTRACT, functional=True)}, None, id="functional, agreed"),
    pytest.param({"mode": "carrier-pigeon"}, "CONTRACT-RESTRICTION", id="no such mode"),
    pytest.param({"item": replace(PENDING, designation="pswp-reported", lifecycle="reported")}, "ALREADY-REPORTED", id="reported before"),
    pytest.param({"item": replace(PENDING, pses_entry_date=None)}, "FACTS-MISSING", id="no date of entry"),
    pytest.param({"item": Item("undetermined", "intake")}, "FACTS-MISSING", id="not classified"),
    pytest.param({"item": Item("pswp-deliberation", "in-deliberation", "deliberation")}, None, id="deliberation"),
    pytest.param({"item": Item("not-pswp-original", "not-pswp")}, "LABEL-MISSING", id="no work product"),
    pytest.param({"item": Item(None)}, "LABEL-MISSING", id="no designation"),
    pytest.param({"item": Item("pswp-something")}, "LABEL-MISSING", id="unknown designation"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "denial"), VECTORS)
def test_a_report_is_permitted_only_where_every_fact_is_proven(changed, denial):
    decision = decide(replace(PROVEN, **changed))
    assert (decision.denial_reason, decision.is_permit) == (denial, denial is None)


def test_a_permit_leaves_the_item_privileged_and_confidential():
    assert decide(PROVEN).to_json() == {
        "decision": "permit",
        "transform": "none",
        "obligations": ["AUDTR", "PERSISTLABEL", "NORDSCLW"],
        "afterStatus": {"privileged": True, "confidential": True},
        "ruleId": "psa-prov-pso",
        "denialReason": None,
        "missingFacts": [],
    }


def test_a_denial_names_the_rule_and_what_is_missing():
    decision = decide(replace(PROVEN, contract=None)).to_json()
    assert decision["decision"] == "deny"
    assert decision["ruleId"] == "psa-prov-pso/contract-is-active"
    assert decision["missingFacts"] == ["a contract between provider and PSO that is in force now"]


@pytest.mark.parametrize("code", sorted({*permissions.shipped().permissions} - {"psa-prov-pso"}))
def test_no_other_permission_of_the_catalogue_is_in_force(code):
    decision = decide(replace(PROVEN, permission=code))
    assert decision.denial_reason == "NO-PERMISSION"
    assert not decision.is_permit


@pytest.mark.parametrize("code", ["", "none", "psa-prov-PSO"])
def test_a_permission_that_does_not_exist_is_denied(code):
    assert decide(replace(PROVEN, permission=code)).denial_reason == "NO-PERMISSION"


SECOND = timedelta(seconds=1)
WINDOW = [
    pytest.param(NOW + SECOND, True, False, id="takes effect in a second"),
    pytest.param(NOW, True, True, id="takes effect now"),
    pytest.param(days_ago(30), True, True, id="30 days to the second"),
    pytest.param(days_ago(30) - SECOND, False, False, id="30 days and a second"),
    pytest.param(date(2026, 4, 1), True, False, id="from tomorrow"),
    pytest.param(date(2026, 3, 31), True, True, id="from today"),
    pytest.param(date(2026, 3, 1), True, True, id="30 days ago by the calendar"),
    pytest.param(date(2026, 2, 28), False, False, id="31 days ago by the calendar"),
    pytest.param(None, False, False, id="at an unknown time"),
]


@pytest.mark.parametrize(("delisted_at", "permitted", "warned"), WINDOW)
def test_data_counts_for_30_days_after_delisting(delisted_at, permitted, warned):
    decision = decide(replace(PROVEN, listing=Listing("delisted", delisted_at)))
    assert decision.is_permit == permitted
    assert (WARN_DELISTED in decision.obligations) == warned


def test_the_window_opens_with_the_delisting():
    assert not Listing("delisted", NOW + SECOND).is_within(30, NOW)
    assert Listing("delisted", NOW).is_within(30, NOW)


def test_the_window_counts_absolute_time_over_time_zones():
    delisted = datetime.fromisoformat("2026-03-01T18:00:01+01:00")
    assert decide(replace(PROVEN, listing=Listing("delisted", delisted))).is_permit
    earlier = datetime.fromisoformat("2026-03-01T17:59:59+01:00")
    assert not decide(replace(PROVEN, listing=Listing("delisted", earlier))).is_permit


def test_the_window_spans_a_leap_day():
    at = datetime.fromisoformat("2028-03-10T23:59:59+00:00")
    facts = replace(PROVEN, now=at, listing=Listing("delisted", date(2028, 2, 9)))
    assert decide(facts).is_permit
    assert not decide(replace(facts, now=at + SECOND)).is_permit


TERMS = [
    pytest.param(Contract(begins=NOW), True, id="begins now"),
    pytest.param(Contract(begins=NOW + SECOND), False, id="begins in a second"),
    pytest.param(Contract(), False, id="of unknown beginning"),
    pytest.param(Contract(begins=days_ago(9), ends=NOW), False, id="ends now"),
    pytest.param(Contract(begins=days_ago(9), ends=NOW + SECOND), True, id="ends in a second"),
    pytest.param(Contract(begins=date(2025, 1, 1), ends=date(2026, 3, 31)), True, id="its last day"),
    pytest.param(Contract(begins=date(2025, 1, 1), ends=date(2026, 3, 30)), False, id="ended yesterday"),
    pytest.param(Contract(begins=date(2026, 3, 31)), True, id="its first day"),
]  # fmt: skip


@pytest.mark.parametrize(("contract", "is_in_force"), TERMS)
def test_the_contract_must_be_in_force_now(contract, is_in_force):
    assert decide(replace(PROVEN, contract=contract)).is_permit == is_in_force


def test_who_needs_no_contract_takes_the_rule_out_of_the_catalogue():
    shipped = permissions.shipped()
    permission = shipped.permissions["psa-prov-pso"]
    rules = tuple(each for each in permission.requires if each != "contract-is-active")
    lenient = replace(shipped, permissions={permission.code: replace(permission, requires=rules)})
    assert decide(replace(PROVEN, contract=None), lenient).is_permit


def test_a_permission_can_ask_for_a_transform_and_end_protection():
    nonident = replace(permissions.shipped().permissions["nonident"], requires=("item-is-pswp",))
    catalogue = replace(permissions.shipped(), permissions={"nonident": nonident})
    decision = decide(replace(PROVEN, permission="nonident"), catalogue)
    assert decision.decision == "permit-with-transform"
    assert decision.transform == "nonid"
    assert decision.after_status == AfterStatus(privileged=False, confidential=False)


@pytest.mark.parametrize("code", DESIGNATIONS)
def test_a_denial_leaves_the_standing_of_the_item(code):
    standing = DESIGNATIONS[code].standing
    after = decide(replace(PROVEN, permission="fda", item=Item(code))).after_status
    assert (after.privileged, after.confidential) == (standing.privileged, standing.confidential)


def test_an_unknown_designation_stays_protected():
    after = decide(replace(PROVEN, item=Item("later-code"))).after_status
    assert after == AfterStatus(privileged=True, confidential=True)


@pytest.mark.parametrize(
    ("kind", "role"),
    [("provider", "provider"), ("pso", "pso"), ("other", "public"), ("operator", "public")],
)
def test_the_kind_of_a_party_gives_its_role(kind, role):
    assert Actor.of(Party("x", kind)) == Actor("x", role)
