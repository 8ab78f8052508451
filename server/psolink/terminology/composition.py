"""Which codes a value set is composed of.

https://hl7.org/fhir/R4/valueset.html#compositions
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce

from psolink.errors import FhirError
from psolink.terminology.catalogue import Catalogue
from psolink.terminology.code_system_index import CodeSystemIndex
from psolink.terminology.failures import (
    FilterNotSupported,
    InvalidTerminology,
    TooCostly,
    UnknownTerminology,
)
from psolink.terminology.filters import select
from psolink.terminology.membership import (
    ANYTHING,
    NO_MEMBERS,
    UNKNOWN_MEMBERS,
    Extent,
    Members,
    Membership,
)
from psolink.terminology.model import ConceptSet, Contains, ValueSet


@dataclass(frozen=True, slots=True)
class Limits:
    """How much work one value set may be."""

    codes: int = 5_000
    candidates: int = 50_000
    parts: int = 1_000
    depth: int = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that may be in a value set, with the display that the value set gives it."""

    system: str
    code: str
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """What a value set is composed of.

    `candidates` are the codes that its parts list, in their order; `members` tells which of them
    are in it. `doubts` are the reasons why of some codes that is not known.
    """

    members: Members
    candidates: tuple[Candidate, ...] = ()
    doubts: tuple[FhirError, ...] = ()

    def codes(self) -> Iterator[Candidate]:
        """Yield the codes that surely are in the value set, each once."""
        seen: set[tuple[str, str]] = set()
        for each in self.candidates:
            key = (each.system, each.code)
            if key not in seen and self.members.judge(*key) is Membership.YES:
                seen.add(key)
                yield each

    def require_known(self) -> None:
        """Raise the first doubt if there are codes of which it is not known whether they are in."""
        if not self.members.is_known and self.doubts:
            raise self.doubts[0]


@dataclass(slots=True)
class Composer:
    """Composes value sets of a catalogue, each that has a URL once."""

    catalogue: Catalogue
    limits: Limits = field(default_factory=Limits)
    composed: dict[str, Composition] = field(default_factory=dict)

    def by_url(self, canonical: str, within: tuple[str, ...] = ()) -> Composition | None:
        """Return what the value set is composed of; None if it is not held."""
        found = self.composed.get(canonical)
        if found is None:
            value_set = self.catalogue.value_set(canonical)
            if value_set is None:
                return None
            found = self.compose(value_set, (*within, canonical))
            self.composed[canonical] = found
        return found

    def compose(self, value_set: ValueSet, within: tuple[str, ...] = ()) -> Composition:
        """Return what a value set is composed of; `within` are those that it is a part of."""
        compose = value_set.compose
        if compose is None:
            listed = value_set.expansion.contains if value_set.expansion else ()
            return self._listed(flat(listed))
        if len(compose.include) + len(compose.exclude) > self.limits.parts:
            raise TooCostly(f"A value set may have {self.limits.parts} includes and excludes.")
        included = self._union(compose.include, within)
        excluded = self._union(compose.exclude, within)
        members = included.members - excluded.members
        if not compose.inactive:
            members -= self._inactive(members)
        doubts = included.doubts + excluded.doubts
        return Composition(members, included.candidates, doubts)

    def _union(self, parts: Iterable[ConceptSet], within: tuple[str, ...]) -> Composition:
        found = [self._part(part, within) for part in parts]
        return Composition(
            reduce(Members.__or__, (each.members for each in found), NO_MEMBERS),
            self._counted(tuple(one for each in found for one in each.candidates)),
            tuple(doubt for each in found for doubt in each.doubts),
        )

    def _part(self, part: ConceptSet, within: tuple[str, ...]) -> Composition:
        found = [self._of_system(part, part.system)] if part.system else []
        found += [self._of_value_set(url, within) for url in part.value_set]
        if not found:
            return _doubtful(
                InvalidTerminology("An include or exclude needs a system or valueSet.")
            )
        return Composition(
            reduce(Members.__and__, (each.members for each in found)),
            found[0].candidates,
            tuple(doubt for each in found for doubt in each.doubts),
        )

    def _of_value_set(self, canonical: str, within: tuple[str, ...]) -> Composition:
        if canonical in within:
            path = " → ".join((*within[within.index(canonical) :], canonical))
            return _doubtful(InvalidTerminology(f"A value set includes itself: {path}."))
        if len(within) >= self.limits.depth:
            raise TooCostly(f"Value sets may be nested {self.limits.depth} deep.")
        found = self.by_url(canonical, within)
        if found is None:
            return _doubtful(UnknownTerminology(f"The value set {canonical} is not held here."))
        return found

    def _of_system(self, part: ConceptSet, system: str) -> Composition:
        if part.concept:
            return self._listed(Contains(system, each.code, each.display) for each in part.concept)
        index = self.catalogue.code_system(system, part.version)
        if index is None or index.definition.content == "not-present":
            version = f" of version {part.version}" if part.version else ""
            doubt = UnknownTerminology(
                f"The codes of the code system {system}{version} are not held here."
            )
            return Composition(Members({system: ANYTHING}), doubts=(doubt,))
        return self._of_index(part, index)

    def _of_index(self, part: ConceptSet, index: CodeSystemIndex) -> Composition:
        url = index.definition.url
        try:
            codes = select(index, part.filter)
        except (FilterNotSupported, InvalidTerminology) as doubt:
            return Composition(Members({url: ANYTHING}), doubts=(doubt,))
        extent = index.extent(codes)
        partial = UnknownTerminology(f"Only a part of the code system {url} is held here.")
        return Composition(
            Members({url: extent}),
            tuple(Candidate(url, code) for code in index.concepts if code in codes),
            () if extent.is_known else (partial,),
        )

    def _listed(self, listed: Iterable[Contains]) -> Composition:
        candidates = tuple(
            Candidate(each.system, each.code, each.display)
            for each in listed
            if each.system is not None and each.code is not None
        )
        by_system: dict[str, set[str]] = {}
        for each in candidates:
            by_system.setdefault(each.system, set()).add(each.code)
        members = {system: Extent(frozenset(codes)) for system, codes in by_system.items()}
        return Composition(Members(members), candidates)

    def _inactive(self, members: Members) -> Members:
        indexes = map(self.catalogue.code_system, members.systems)
        return Members(
            {
                index.definition.url: Extent(frozenset(filter(index.is_inactive, index.concepts)))
                for index in indexes
                if index is not None
            }
        )

    def _counted(self, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        if len(candidates) > self.limits.candidates:
            raise TooCostly(
                f"The value set lists more than {self.limits.candidates} codes; include less."
            )
        return candidates


def _doubtful(doubt: FhirError) -> Composition:
    return Composition(UNKNOWN_MEMBERS, doubts=(doubt,))


def flat(listed: Iterable[Contains]) -> Iterator[Contains]:
    """Yield the codes of an expansion, each before those shown below it."""
    for each in listed:
        yield each
        yield from flat(each.contains)
