"""Where a check is in the resource, and what it knows of the rest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from psolink.outcome import Issue, IssueCode, Severity
from psolink.validation.faults import fault_of

MAX_ISSUES = 200
"""After so many faults the rest is not looked at: nobody reads on, and each costs time."""

At = tuple["At | None", str, int | None]
"""Parent, name and index. It becomes text only where there is a fault."""

Types = Mapping[str, str | None]
"""Resource types by what refers to them; None for a resource whose type is at fault."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class EnoughFound(Exception):
    """There are `MAX_ISSUES` issues."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the checks of one resource share.

    `entries` are the resource types of the surrounding Bundle by fullUrl, `contained` those of the
    contained resources by `#id`.
    """

    issues: list[Issue] = field(default_factory=list)
    entries: Types = field(default_factory=dict)
    contained: Types = field(default_factory=dict)
    is_contained: bool = False

    def add(
        self,
        code: IssueCode,
        at: At,
        diagnostics: str,
        severity: Severity = Severity.ERROR,
        rule: str | None = None,
    ) -> None:
        """Note a fault, or raise `EnoughFound` if it is one too many."""
        fault = fault_of(code)
        self.issues.append(Issue(code, diagnostics, expression(at), severity, fault, rule))
        if len(self.issues) >= MAX_ISSUES:
            raise EnoughFound

    def enter(self, contained: Types, *, is_contained: bool = False) -> "Scope":
        """Return the scope of a resource inside this one."""
        return replace(self, contained=contained, is_contained=is_contained)

    def within_bundle(self, entries: Types) -> "Scope":
        """Return the scope of the entries of a Bundle."""
        return replace(self, entries=entries)


def expression(at: At) -> str:
    """Return the FHIRPath of a place."""
    parts: list[str] = []
    here: At | None = at
    while here is not None:
        here, name, index = here
        parts.append(name if index is None else f"{name}[{index}]")
    return ".".join(reversed(parts))


def child(at: At, name: str) -> At:
    """Return the place of a property; the parent's where FHIRPath cannot say its name."""
    return (at, name, None) if _IDENTIFIER.fullmatch(name) else at
