"""Bindings of a profile: required codes are an error, others a remark.

https://hl7.org/fhir/R4/terminologies.html#strength
"""

from collections.abc import Callable, Iterator
from functools import partial

from psolink.fhirpath import Node
from psolink.outcome import Severity
from psolink.validation.faults import Fault
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.membership import Membership
from psolink.validation.profiles.rules import Rules
from psolink.validation.profiles.slicing import codings
from psolink.validation.scope import At
from psolink.validation.wording import show

_WIDEST = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
_NOTE = Severity.INFORMATION
_CODED = frozenset({"code", "Coding", "CodeableConcept", "Quantity", "string", "uri"})


def binding_check(
    rules: Rules, membership: Membership
) -> Iterator[Callable[[Node, At, Findings], None]]:
    """Yield the check of codes against the value set that a profile binds them to."""
    binding = rules.said.get("binding", {})
    strength, value_set = binding.get("strength"), binding.get("valueSet")
    if value_set is not None and strength in ("required", "extensible"):
        yield partial(_check, str(value_set), str(strength), membership)
    for each in binding.get("extension", ()):
        if each.get("url") == _WIDEST and "valueCanonical" in each:
            yield partial(_check_widest, str(each["valueCanonical"]), membership)


def _check(
    value_set: str,
    strength: str,
    membership: Membership,
    node: Node,
    at: At,
    findings: Findings,
) -> None:
    if node.type not in _CODED:
        return
    found = codings(node)
    answers = [membership.has(value_set, system, code) for system, code in found]
    if True in answers or (not found and strength == "extensible"):
        return
    if None in answers:
        findings.add(Fault.CODE_NOT_CHECKED, at, _unchecked(found, answers, value_set), _NOTE)
        return
    _add_outside(found[0][1] if found else None, value_set, strength, at, findings)


def _check_widest(
    value_set: str, membership: Membership, node: Node, at: At, findings: Findings
) -> None:
    if node.type in _CODED and codings(node):
        _check(value_set, "required", membership, node, at, findings)


def _unchecked(
    found: list[tuple[str | None, str]], answers: list[bool | None], value_set: str
) -> str:
    system, code = found[answers.index(None)]
    of_system = f" of {system}" if system else ""
    return (
        f"It was not checked whether the code {show(code)}{of_system} is in {value_set}: "
        "which codes it has is not known here."
    )


def _add_outside(
    code: str | None, value_set: str, strength: str, at: At, findings: Findings
) -> None:
    if code is None:
        diagnostics = f"A code of {value_set} is required; send one."
    else:
        diagnostics = f"The code {show(code)} is not in {value_set}; send one that is."
    if strength == "required":
        findings.add(Fault.CODE, at, diagnostics)
    else:
        advice = f"{diagnostics} Another is right only where none of those fits."
        findings.add(Fault.CODE, at, advice, Severity.WARNING)
