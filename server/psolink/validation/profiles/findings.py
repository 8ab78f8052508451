"""What a check of a profile carries along, and how its findings are worded."""

from dataclasses import dataclass, field

from psolink.fhirpath import Node
from psolink.outcome import Issue, IssueCode, Severity
from psolink.validation.profiles.rules import Rules
from psolink.validation.scope import MAX_ISSUES, At, expression


@dataclass(frozen=True, slots=True)
class Findings:
    """The issues found by one profile in one resource; `slice_name` says which slice is meant."""

    profile: str
    resource: Node
    issues: list[Issue] = field(default_factory=list)
    slice_name: str | None = None

    @property
    def has_errors(self) -> bool:
        """True where the profile is broken."""
        return any(issue.is_error for issue in self.issues)

    def within(self, rules: Rules) -> "Findings":
        """Return the same findings, for what lies in a slice."""
        name = rules.slice_name
        return self if name is None else Findings(self.profile, self.resource, self.issues, name)

    def trial(self, profile: str | None = None) -> "Findings":
        """Return findings of their own, to see whether something else holds."""
        return Findings(profile or self.profile, self.resource)

    def add(
        self, code: IssueCode, at: At, diagnostics: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Note what breaks the profile; what comes after `MAX_ISSUES` is not listed."""
        if len(self.issues) > MAX_ISSUES:
            return
        where = f", slice {self.slice_name}" if self.slice_name else ""
        text = f"{diagnostics} (profile {self.profile}{where})"
        self.issues.append(Issue(code, text, expression(at), severity))
