"""Sets of codes of which it is not always known what is in them.

A value set may include all of LOINC, which nobody here lists: then most codes are neither in it
nor out of it as far as this server can tell. Every operation keeps that apart from a plain no.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

Codes = frozenset[str]
_NONE: Codes = frozenset()


class Membership(StrEnum):
    """Whether a code is in a set, as far as this server can tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Extent:
    """A set of codes of one code system.

    `yes` are in it. Of the others those in `rest` are out and any more unknown if `is_open`, and
    those in `rest` are unknown and any more out if not.
    """

    yes: Codes = _NONE
    rest: Codes = _NONE
    is_open: bool = False

    @property
    def is_known(self) -> bool:
        """True where it is known of every code whether it is in the set."""
        return not self.is_open and not self.rest

    def judge(self, code: str) -> Membership:
        """Tell whether the code is in the set."""
        if code in self.yes:
            return Membership.YES
        return Membership.UNKNOWN if (code in self.rest) != self.is_open else Membership.NO

    def __or__(self, other: "Extent") -> "Extent":
        """Return what is in either."""
        yes = self.yes | other.yes
        match self.is_open, other.is_open:
            case True, True:
                return Extent(yes, self.rest & other.rest, is_open=True)
            case True, False:
                return Extent(yes, self.rest - other.yes - other.rest, is_open=True)
            case False, True:
                return other | self
            case _:
                return Extent(yes, (self.rest | other.rest) - yes)

    def __and__(self, other: "Extent") -> "Extent":
        """Return what is in both."""
        yes = self.yes & other.yes
        match self.is_open, other.is_open:
            case True, True:
                return Extent(yes, self.rest | other.rest, is_open=True)
            case True, False:
                return Extent(yes, (other.yes | other.rest) - self.rest - yes)
            case False, True:
                return other & self
            case _:
                return Extent(yes, ((self.yes | self.rest) & (other.yes | other.rest)) - yes)

    def __sub__(self, other: "Extent") -> "Extent":
        """Return what is in the first and not in the second."""
        yes = self.yes & other.rest if other.is_open else self.yes - other.yes - other.rest
        if self.is_open:
            return Extent(yes, self.rest | other.yes, is_open=True)
        return Extent(yes, (self.yes | self.rest) - other.yes - yes)


NOTHING = Extent()
ANYTHING = Extent(is_open=True)
"""Of no code it is known whether it is in the set."""


@dataclass(frozen=True, slots=True)
class Members:
    """A set of codes of several code systems; `elsewhere` is for those not among `systems`."""

    systems: Mapping[str, Extent]
    elsewhere: Extent = NOTHING

    @property
    def is_known(self) -> bool:
        """True where it is known of every code whether it is in the set."""
        return self.elsewhere.is_known and all(each.is_known for each in self.systems.values())

    def judge(self, system: str, code: str) -> Membership:
        """Tell whether the code of the system is in the set."""
        return self.systems.get(system, self.elsewhere).judge(code)

    def judge_any(self, code: str) -> Membership:
        """Tell whether the code of any system is in the set."""
        if any(True for _ in self.systems_of(code)):
            return Membership.YES
        return Membership.NO if self.is_known else Membership.UNKNOWN

    def systems_of(self, code: str) -> Iterator[str]:
        """Yield the systems of which the code is surely in the set."""
        return (system for system, extent in self.systems.items() if code in extent.yes)

    def __or__(self, other: "Members") -> "Members":
        """Return what is in either."""
        return self._with(other, Extent.__or__)

    def __and__(self, other: "Members") -> "Members":
        """Return what is in both."""
        return self._with(other, Extent.__and__)

    def __sub__(self, other: "Members") -> "Members":
        """Return what is in the first and not in the second."""
        return self._with(other, Extent.__sub__)

    def _with(self, other: "Members", combine: Callable[[Extent, Extent], Extent]) -> "Members":
        systems = {
            system: combine(
                self.systems.get(system, self.elsewhere), other.systems.get(system, other.elsewhere)
            )
            for system in {**self.systems, **other.systems}
        }
        return Members(systems, combine(self.elsewhere, other.elsewhere))


NO_MEMBERS = Members({})
UNKNOWN_MEMBERS = Members({}, ANYTHING)
