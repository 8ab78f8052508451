"""The decision on a disclosure: denied, unless every rule of a permission in force holds.

Which rules a permission needs is in the catalogue; what a rule is, is in `psolink.pswp.rules`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from psolink.fhir_json import JsonObject
from psolink.pswp import permissions
from psolink.pswp.designations import DESIGNATIONS, UNDETERMINED
from psolink.pswp.facts import Facts
from psolink.pswp.permissions import Catalogue
from psolink.pswp.rules import RULES, Case, DenialReason

WARN_DELISTED = "WARN-PSO-DELISTED"
"""Obligation to tell the discloser that the PSO is delisted and that its window is closing."""


class Verdict(StrEnum):
    """What is decided."""

    PERMIT = "permit"
    DENY = "deny"
    PERMIT_WITH_TRANSFORM = "permit-with-transform"


@dataclass(frozen=True, slots=True)
class AfterStatus:
    """What protection the item has afterwards."""

    privileged: bool
    confidential: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided, and by which rule. `missing_fact` says what would have to be proven."""

    decision: Verdict
    transform: str
    obligations: tuple[str, ...]
    after_status: AfterStatus
    rule_id: str
    denial_reason: DenialReason | None = None
    missing_fact: str | None = None

    @property
    def is_permit(self) -> bool:
        """True where the item may leave, if need be after the transform."""
        return self.decision is not Verdict.DENY

    def to_json(self) -> JsonObject:
        """Return the decision as `psolink` prints it."""
        return {
            "decision": str(self.decision),
            "transform": self.transform,
            "obligations": list(self.obligations),
            "afterStatus": {
                "privileged": self.after_status.privileged,
                "confidential": self.after_status.confidential,
            },
            "ruleId": self.rule_id,
            "denialReason": str(self.denial_reason) if self.denial_reason else None,
            "missingFacts": [self.missing_fact] if self.missing_fact else [],
        }


def decide(facts: Facts, catalogue: Catalogue | None = None) -> Decision:
    """Return the decision on a disclosure; by default with the catalogue that ships."""
    catalogue = catalogue or permissions.shipped()
    permission = catalogue.permissions.get(facts.permission)
    if permission is None or not permission.is_in_force:
        return _denied(
            facts,
            facts.permission,
            DenialReason.NO_PERMISSION,
            "a permission of the catalogue that is in force",
        )
    case = Case(facts, permission, catalogue)
    for name in permission.requires:
        rule = RULES[name]
        if not rule.holds(case):
            return _denied(facts, f"{permission.code}/{name}", rule.reason, rule.needs)
    return _permitted(case)


def _permitted(case: Case) -> Decision:
    permission = case.permission
    before = _status(case.facts)
    return Decision(
        Verdict.PERMIT if permission.transform == "none" else Verdict.PERMIT_WITH_TRANSFORM,
        permission.transform,
        (*permission.obligations, *_warnings(case)),
        AfterStatus(
            privileged=before.privileged and "privilege" not in permission.ends,
            confidential=before.confidential and "confidentiality" not in permission.ends,
        ),
        permission.code,
    )


def _denied(facts: Facts, rule_id: str, reason: DenialReason, needs: str) -> Decision:
    return Decision(Verdict.DENY, "none", (), _status(facts), rule_id, reason, needs)


def _status(facts: Facts) -> AfterStatus:
    if facts.item.designation is None:
        return AfterStatus(privileged=False, confidential=False)
    # A designation that is not known is protected until it is.
    designation = DESIGNATIONS.get(facts.item.designation, DESIGNATIONS[UNDETERMINED])
    standing = designation.standing
    return AfterStatus(privileged=standing.privileged, confidential=standing.confidential)


def _warnings(case: Case) -> Iterator[str]:
    if not case.facts.listing.is_listed(case.facts.now):
        yield WARN_DELISTED
