"""The rules of decisions by name: what each asks of the facts, and why it denies.

`permissions.yaml` says which of them a permission requires, and in which order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from psolink.pswp import lifecycle
from psolink.pswp.designations import DESIGNATIONS, Designation
from psolink.pswp.facts import Facts
from psolink.pswp.permissions import ANY, Catalogue, Permission


class DenialReason(StrEnum):
    """The codes of CodeSystem/pswp-denial-reason that the rules give."""

    ALREADY_REPORTED = "ALREADY-REPORTED"
    CONTRACT_RESTRICTION = "CONTRACT-RESTRICTION"
    DISCLOSER_NOT_PROVIDER = "DISCLOSER-NOT-PROVIDER"
    FACTS_MISSING = "FACTS-MISSING"
    LABEL_MISSING = "LABEL-MISSING"
    NO_CONTRACT = "NO-CONTRACT"
    NO_PERMISSION = "NO-PERMISSION"
    PSO_NOT_LISTED = "PSO-NOT-LISTED"
    PURPOSE_MISSING = "PURPOSE-MISSING"
    PURPOSE_NOT_PSA = "PURPOSE-NOT-PSA"
    RECIPIENT_NOT_IN_CLASS = "RECIPIENT-NOT-IN-CLASS"


@dataclass(frozen=True, slots=True)
class Case:
    """The facts, and the permission that is asked for."""

    facts: Facts
    permission: Permission
    catalogue: Catalogue

    @property
    def designation(self) -> Designation | None:
        """The designation of the item; None where it has none that is known."""
        return DESIGNATIONS.get(self.facts.item.designation or "")


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition; where it does not hold, the reason for the denial and what has to be proven."""

    holds: Callable[[Case], bool]
    reason: DenialReason
    needs: str


def _is_pswp(case: Case) -> bool:
    return case.designation is not None and case.designation.pswp


def _states_purpose(case: Case) -> bool:
    return bool(case.facts.purpose_of_use)


def _purpose_is_permitted(case: Case) -> bool:
    return case.facts.purpose_of_use in case.permission.purposes


def _discloser_is_in_class(case: Case) -> bool:
    return bool({case.facts.discloser.role, ANY} & {*case.permission.disclosers})


def _recipient_is_in_class(case: Case) -> bool:
    return bool({case.facts.recipient.role, ANY} & {*case.permission.recipients})


def _pso_is_listed(case: Case) -> bool:
    listing, now = case.facts.listing, case.facts.now
    return listing.is_listed(now) or listing.is_within(case.catalogue.delisted_data_days, now)


def _contract_is_active(case: Case) -> bool:
    return case.facts.contract is not None and case.facts.contract.is_active(case.facts.now)


def _contract_does_not_forbid(case: Case) -> bool:
    contract = case.facts.contract
    return contract is None or case.permission.code not in contract.forbids


def _contract_covers_mode(case: Case) -> bool:
    contract = case.facts.contract
    agreed = {"transmitted": True, "functional": contract is not None and contract.functional}
    return agreed.get(case.facts.mode, False)


def _is_not_reported(case: Case) -> bool:
    return case.facts.item.lifecycle != "reported"


def _can_be_reported(case: Case) -> bool:
    item, designation = case.facts.item, case.designation
    if designation is None or designation.reported_as is None:
        return False
    is_documented = item.pathway != "reporting" or item.pses_entry_date is not None
    return is_documented and lifecycle.allows(item.lifecycle, "reported")


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "item-is-pswp": Rule(
            _is_pswp, DenialReason.LABEL_MISSING, "a designation as patient safety work product"
        ),
        "purpose-is-stated": Rule(
            _states_purpose, DenialReason.PURPOSE_MISSING, "a purpose of use, such as PATSFTY"
        ),
        "purpose-is-permitted": Rule(
            _purpose_is_permitted,
            DenialReason.PURPOSE_NOT_PSA,
            "a purpose of use that is a patient safety activity: PATSFTY or HQUALIMP",
        ),
        "discloser-is-in-class": Rule(
            _discloser_is_in_class, DenialReason.DISCLOSER_NOT_PROVIDER, "a discloser in the class"
        ),
        "recipient-is-in-class": Rule(
            _recipient_is_in_class, DenialReason.RECIPIENT_NOT_IN_CLASS, "a recipient in the class"
        ),
        "pso-is-listed": Rule(
            _pso_is_listed,
            DenialReason.PSO_NOT_LISTED,
            "that the recipient is on the Secretary's list of PSOs, or was delisted a short time ago",
        ),
        "contract-is-active": Rule(
            _contract_is_active,
            DenialReason.NO_CONTRACT,
            "a contract between provider and PSO that is in force now",
        ),
        "contract-does-not-forbid": Rule(
            _contract_does_not_forbid,
            DenialReason.CONTRACT_RESTRICTION,
            "a contract that allows this permission",
        ),
        "contract-covers-mode": Rule(
            _contract_covers_mode,
            DenialReason.CONTRACT_RESTRICTION,
            "a report mode that the contract provides for: transmitted, or functional if agreed",
        ),
        "item-is-not-reported": Rule(
            _is_not_reported, DenialReason.ALREADY_REPORTED, "an item that was not reported before"
        ),
        "item-can-be-reported": Rule(
            _can_be_reported,
            DenialReason.FACTS_MISSING,
            "an item in the evaluation system with the date of its entry, such as pswp-pending",
        ),
    }
)
"""The rules by name."""
