"""Issues and the OperationOutcome that carries them.

https://hl7.org/fhir/R4/operationoutcome.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from psolink.fhir_json import CANONICAL, JsonObject

FAULTS = f"{CANONICAL}/CodeSystem/validation-issue"
_LINE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
_COLUMN = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"
_PROFILE = f"{CANONICAL}/StructureDefinition/issue-profile"
_SLICE = f"{CANONICAL}/StructureDefinition/issue-slice"

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Severity(StrEnum):
    """https://hl7.org/fhir/R4/valueset-issue-severity.html."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class IssueCode(StrEnum):
    """https://hl7.org/fhir/R4/valueset-issue-type.html."""

    INVALID = "invalid"
    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    INVARIANT = "invariant"
    SECURITY = "security"
    LOGIN = "login"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    SUPPRESSED = "suppressed"
    PROCESSING = "processing"
    NOT_SUPPORTED = "not-supported"
    DUPLICATE = "duplicate"
    MULTIPLE_MATCHES = "multiple-matches"
    NOT_FOUND = "not-found"
    DELETED = "deleted"
    TOO_LONG = "too-long"
    CODE_INVALID = "code-invalid"
    EXTENSION = "extension"
    TOO_COSTLY = "too-costly"
    BUSINESS_RULE = "business-rule"
    CONFLICT = "conflict"
    TRANSIENT = "transient"
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column of the input, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: what was expected, what was found, how to mend it, and where.

    `expression` is a FHIRPath into the input, such as `AdverseEvent.actuality`, and `place` where
    that stands in what was sent. `fault` is a code of CodeSystem/validation-issue, `rule` the key of
    an invariant, `profile` and `slice_name` say by what it was judged.
    """

    code: IssueCode
    diagnostics: str
    expression: str | None = None
    severity: Severity = Severity.ERROR
    fault: str | None = None
    rule: str | None = None
    profile: str | None = None
    slice_name: str | None = None
    place: Place | None = None

    @property
    def is_error(self) -> bool:
        """True for the severities that refuse the input."""
        return self.severity in (Severity.FATAL, Severity.ERROR)

    def to_json(self) -> JsonObject:
        """Return the OperationOutcome.issue element."""
        issue: JsonObject = {
            "severity": str(self.severity),
            "code": str(self.code),
            "diagnostics": _legible(self.diagnostics),
        }
        extensions = list(self._extensions())
        if extensions:
            issue = {"extension": extensions} | issue
        if self.fault:
            issue["details"] = {"coding": [{"system": FAULTS, "code": self.fault}]}
            if self.rule:
                issue["details"]["text"] = self.rule
        if self.expression:
            issue["expression"] = [_legible(self.expression)]
        return issue

    def _extensions(self) -> Iterator[JsonObject]:
        if self.place:
            yield {"url": _LINE, "valueInteger": self.place.line}
            yield {"url": _COLUMN, "valueInteger": self.place.column}
        if self.profile:
            yield {"url": _PROFILE, "valueCanonical": self.profile}
        if self.slice_name:
            yield {"url": _SLICE, "valueString": self.slice_name}


def _legible(text: str) -> str:
    """Return a text that may quote anything, without what XML cannot hold."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def operation_outcome(issues: Iterable[Issue]) -> JsonObject:
    """Return an OperationOutcome; without issues it says that all is well."""
    found = [issue.to_json() for issue in issues]
    return {
        "resourceType": "OperationOutcome",
        "issue": found
        or [Issue(IssueCode.INFORMATIONAL, "All OK", None, Severity.INFORMATION).to_json()],
    }
