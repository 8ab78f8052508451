"""What a check of a profile carries along, and how its findings are worded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psolink.fhirpath import Node
from psolink.outcome import Issue, IssueCode, Severity
from psolink.validation.faults import Fault
from psolink.validation.profiles.expressions import Budget
from psolink.validation.profiles.rules import Rules
from psolink.validation.scope import MAX_ISSUES, At, expression

CODES: Mapping[Fault, IssueCode] = {
    Fault.CODE: IssueCode.CODE_INVALID,
    Fault.CODE_NOT_CHECKED: IssueCode.NOT_SUPPORTED,
    Fault.INVARIANT: IssueCode.INVARIANT,
    Fault.NOT_EVALUATED: IssueCode.PROCESSING,
    Fault.MINIMUM: IssueCode.REQUIRED,
    Fault.MAXIMUM: IssueCode.STRUCTURE,
    Fault.TYPE: IssueCode.STRUCTURE,
    Fault.FIXED: IssueCode.VALUE,
    Fault.PATTERN: IssueCode.VALUE,
    Fault.RANGE: IssueCode.VALUE,
    Fault.LENGTH: IssueCode.TOO_LONG,
    Fault.TARGET: IssueCode.VALUE,
    Fault.SLICE_CLOSED: IssueCode.STRUCTURE,
    Fault.SLICE_ORDER: IssueCode.STRUCTURE,
    Fault.SLICE_AT_END: IssueCode.STRUCTURE,
    Fault.PROFILE_NOT_JUDGED: IssueCode.NOT_FOUND,
    Fault.MUST_SUPPORT: IssueCode.INFORMATIONAL,
}
"""The issue code of each kind of fault that breaks a profile."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The issues found by one profile in one resource; `slice_name` says which slice is meant.

    If it is thorough, it is also told which elements are absent that must be supported.
    """

    profile: str
    resource: Node
    issues: list[Issue] = field(default_factory=list)
    slice_name: str | None = None
    is_thorough: bool = False
    budget: Budget = field(default_factory=Budget)

    @property
    def has_errors(self) -> bool:
        """True where the profile is broken."""
        return any(issue.is_error for issue in self.issues)

    def within(self, rules: Rules) -> "Findings":
        """Return the same findings, for what lies in a slice."""
        name = rules.slice_name
        return self if name is None else self._with(self.profile, self.issues, name)

    def trial(self, profile: str | None = None) -> "Findings":
        """Return findings of their own, to see whether something else holds."""
        return self._with(profile or self.profile, [], None)

    def _with(self, profile: str, issues: list[Issue], slice_name: str | None) -> "Findings":
        # Made for each slice that is met; dataclasses.replace takes four times as long.
        return Findings(
            profile, self.resource, issues, slice_name, self.is_thorough, self.budget
        )

    def add(
        self,
        fault: Fault,
        at: At,
        diagnostics: str,
        severity: Severity = Severity.ERROR,
        rule: str | None = None,
    ) -> None:
        """Note what breaks the profile; what comes after `MAX_ISSUES` is not listed."""
        if len(self.issues) > MAX_ISSUES:
            return
        where = f", slice {self.slice_name}" if self.slice_name else ""
        text = f"{diagnostics} (profile {self.profile}{where})"
        self.issues.append(
            Issue(
                CODES[fault],
                text,
                expression(at),
                severity,
                fault,
                rule,
                self.profile,
                self.slice_name,
            )
        )
