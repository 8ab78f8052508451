"""What came of validating a code, and the issues that say so.

https://hl7.org/fhir/R4/valueset-operation-validate-code.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode, Severity
from psolink.terminology.membership import Membership

_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Coding:
    """A code as it was sent; without a system, the value set has to imply it."""

    code: str
    system: str | None = None
    display: str | None = None
    version: str | None = None

    @property
    def shown(self) -> str:
        """The code with its system, as issues name it."""
        return f"{self.system or '(no system)'}#{self.code}"[: 2 * _SHOWN]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a code is valid, and which one with which display it was that decided that."""

    membership: Membership
    coding: Coding | None = None
    display: str | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def message(self) -> str:
        """What there is to say about it, one sentence after the other."""
        return " ".join(issue.diagnostics for issue in self.issues)

    def to_parameters(self) -> JsonObject:
        """Return the Parameters of `$validate-code`, for a verdict that is not unknown."""
        parameter: list[JsonObject] = [
            {"name": "result", "valueBoolean": self.membership is Membership.YES}
        ]
        if self.message:
            parameter.append({"name": "message", "valueString": self.message})
        if self.display:
            parameter.append({"name": "display", "valueString": self.display})
        return {"resourceType": "Parameters", "parameter": parameter}


def not_in_set(coding: Coding, place: str, systems: Sequence[str]) -> Issue:
    """Return the error for a code that is not valid; `systems` are those it would be valid with."""
    if systems and coding.system not in systems:
        hint = f" With the system {systems[0]} it would be."
    else:
        hint = ""
    return Issue(IssueCode.CODE_INVALID, f"The code {coding.shown} is not in {place}.{hint}")


def cannot_tell(coding: Coding, place: str, reason: str) -> Issue:
    """Return what to note where it is not known whether a code is valid."""
    return Issue(
        IssueCode.NOT_FOUND,
        f"It was not checked whether the code {coding.shown} is in {place}: {reason}.",
        severity=Severity.INFORMATION,
    )


def other_display(coding: Coding, right: str) -> Issue:
    """Return the warning for a display that is not the one of the code."""
    given = (coding.display or "")[:_SHOWN]
    return Issue(
        IssueCode.CODE_INVALID,
        f"The display of {coding.shown} is {right!r}, found {given!r}.",
        severity=Severity.WARNING,
    )


def same_display(one: str, other: str) -> bool:
    """Tell whether two displays differ in nothing but case and white space."""
    return one.casefold().split() == other.casefold().split()


def decisive(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict on a concept that is coded several times: one valid coding is enough."""
    for wanted in (Membership.YES, Membership.UNKNOWN):
        for each in verdicts:
            if each.membership is wanted:
                return each
    return Verdict(Membership.NO, issues=tuple(one for each in verdicts for one in each.issues))
