"""What kinds of fault validation finds, as codes for machines.

CodeSystem/validation-issue says what each means.
"""

from collections.abc import Mapping
from enum import StrEnum

from psolink.outcome import IssueCode


class Fault(StrEnum):
    """The codes of CodeSystem/validation-issue."""

    REQUIRED = "element-required"
    STRUCTURE = "structure"
    VALUE = "value"
    CODE = "code-not-in-value-set"
    CODE_NOT_CHECKED = "code-not-checked"
    EXTENSION = "extension"
    INVARIANT = "invariant"
    NOT_EVALUATED = "invariant-not-evaluated"
    CONTENT = "content"
    TOO_MANY = "too-many-issues"
    PROFILE_NOT_JUDGED = "profile-not-judged"
    PROFILE_TYPE = "profile-of-another-type"
    MINIMUM = "profile-minimum"
    MAXIMUM = "profile-maximum"
    TYPE = "profile-type"
    FIXED = "profile-fixed-value"
    PATTERN = "profile-pattern"
    RANGE = "profile-range"
    LENGTH = "profile-length"
    TARGET = "profile-target"
    SLICE_CLOSED = "slicing-closed"
    SLICE_ORDER = "slicing-order"
    SLICE_AT_END = "slicing-open-at-end"
    MUST_SUPPORT = "must-support"


_BY_CODE: Mapping[IssueCode, Fault] = {
    IssueCode.REQUIRED: Fault.REQUIRED,
    IssueCode.STRUCTURE: Fault.STRUCTURE,
    IssueCode.VALUE: Fault.VALUE,
    IssueCode.CODE_INVALID: Fault.CODE,
    IssueCode.EXTENSION: Fault.EXTENSION,
    IssueCode.INVARIANT: Fault.INVARIANT,
    IssueCode.PROCESSING: Fault.NOT_EVALUATED,
    IssueCode.TOO_COSTLY: Fault.TOO_MANY,
    IssueCode.NOT_SUPPORTED: Fault.CODE_NOT_CHECKED,
    IssueCode.NOT_FOUND: Fault.PROFILE_NOT_JUDGED,
    IssueCode.TOO_LONG: Fault.LENGTH,
}


def fault_of(code: IssueCode) -> Fault:
    """Return the kind of a fault of the base rules, which its issue code tells."""
    return _BY_CODE.get(code, Fault.CONTENT)
