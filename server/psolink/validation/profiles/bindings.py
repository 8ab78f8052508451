"""Bindings of a profile: required codes are an error, others a remark.

https://hl7.org/fhir/R4/terminologies.html#strength
"""

from psolink.fhirpath import Node
from psolink.outcome import IssueCode, Severity
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.membership import Membership
from psolink.validation.profiles.rules import Rules
from psolink.validation.profiles.slicing import codings
from psolink.validation.scope import At
from psolink.validation.wording import show

_CODED = frozenset({"code", "Coding", "CodeableConcept", "Quantity", "string", "uri"})


def check_binding(
    node: Node, rules: Rules, at: At, findings: Findings, membership: Membership
) -> None:
    """Note a code outside the value set that a profile binds it to."""
    binding = rules.said.get("binding", {})
    strength, value_set = binding.get("strength"), binding.get("valueSet")
    if value_set is None or strength not in ("required", "extensible") or node.type not in _CODED:
        return
    found = codings(node)
    answers = [membership.has(value_set, system, code) for system, code in found]
    if True in answers or (not found and strength == "extensible"):
        return
    if None in answers:
        diagnostics = (
            f"It was not checked whether the code is in {value_set}: its codes are not known here."
        )
        findings.add(IssueCode.NOT_SUPPORTED, at, diagnostics, Severity.INFORMATION)
        return
    _add_outside(found[0][1] if found else None, value_set, strength, at, findings)


def _add_outside(
    code: str | None, value_set: str, strength: str, at: At, findings: Findings
) -> None:
    if code is None:
        diagnostics = f"A code of {value_set} is required; send one."
    else:
        diagnostics = f"The code {show(code)} is not in {value_set}; send one that is."
    if strength == "required":
        findings.add(IssueCode.CODE_INVALID, at, diagnostics)
    else:
        advice = f"{diagnostics} Another is right only where none of those fits."
        findings.add(IssueCode.CODE_INVALID, at, advice, Severity.WARNING)
