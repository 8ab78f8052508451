"""Conditions on the version that is current: If-Match and If-None-Match of a write.

https://hl7.org/fhir/R4/http.html#concurrency
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from psolink.errors import InvalidRequest, PreconditionFailed
from psolink.store.values import Stored

_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,9})"?', re.ASCII)
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class ETags:
    """The versions that a header names; `is_any` stands for `*`, whatever version there is."""

    versions: frozenset[int] = frozenset()
    is_any: bool = False

    @classmethod
    def parse(cls, value: str, at: str) -> "ETags":
        """Return the versions of a list such as `W/"3", W/"4"`."""
        if value.strip() == "*":
            return cls(is_any=True)
        return cls(frozenset(_version(each, at) for each in value.split(",")))

    def name(self, version: int) -> bool:
        """Tell whether `version` is among them; 0 stands for no resource."""
        return version > 0 and (self.is_any or version in self.versions)

    def __str__(self) -> str:
        return ", ".join(f"version {each}" for each in sorted(self.versions)) or "any version"


@dataclass(frozen=True, slots=True)
class Precondition:
    """What has to be so of the current version at the moment of a write."""

    if_match: ETags | None = None
    if_none_match: ETags | None = None

    def require(self, current: Stored | None) -> None:
        """Raise `PreconditionFailed` where the current version, or that there is none, is in the way."""
        version = current.version if current and current.resource is not None else 0
        if self.if_match is not None and not self.if_match.name(version):
            raise _failed(f"{self.if_match} must be current", version)
        if self.if_none_match is not None and self.if_none_match.name(version):
            raise _failed(f"{self.if_none_match} must not be current", version)


UNCONDITIONAL = Precondition()


def precondition(values: Iterable[tuple[str, str | None]], at: str = "") -> Precondition:
    """Return the condition of the headers, or of the elements of an entry, that are given."""
    if_match, if_none_match = (
        None if value is None else ETags.parse(value, f"{at}{name}") for name, value in values
    )
    return Precondition(if_match, if_none_match)


def _version(text: str, at: str) -> int:
    found = _ETAG.fullmatch(text.strip())
    if not found:
        raise InvalidRequest(f'A version is expected like W/"3"; found {text[:_SHOWN]!r}.', at)
    return int(found[1])


def _failed(wanted: str, version: int) -> PreconditionFailed:
    found = f"version {version} is current" if version else "there is none"
    return PreconditionFailed(
        f"The condition is that {wanted}, and {found}. Read the resource and try again."
    )
