"""Everything that is asked about terminology, answered from what is held and from elsewhere.

https://hl7.org/fhir/R4/terminology-service.html
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.terminology import lookup as lookups
from psolink.terminology import translation
from psolink.terminology.catalogue import Catalogue, shipped_resources, typed_value_set
from psolink.terminology.code_system_index import CodeSystemIndex
from psolink.terminology.composition import Composer, Composition, Limits
from psolink.terminology.expansion import Expander, Page
from psolink.terminology.failures import TooCostly, UnknownTerminology
from psolink.terminology.membership import UNKNOWN_MEMBERS, Codes, Membership
from psolink.terminology.remote_answers import Answer, NoServer, Question, TerminologyServer
from psolink.terminology.tables import TerminologyTables
from psolink.terminology.validation import CodeValidator
from psolink.terminology.verdict import Coding, Verdict


class Rule(Protocol):
    """A value set that no list can hold: a code system, and which codes it has."""

    @property
    def system(self) -> str:
        """The code system."""
        ...

    @property
    def has(self) -> Callable[[str], bool]:
        """Tells whether it has a code."""
        ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Terminology:
    """Code systems, value sets and concept maps, and a server elsewhere for what is not held.

    `rules` decide on value sets, by URL, that cannot be listed. Value sets are composed once and
    kept; answers from elsewhere are kept by the server that gave them.
    """

    catalogue: Catalogue
    composer: Composer
    server: TerminologyServer
    rules: Mapping[str, Rule]
    clock: Callable[[], datetime]

    @classmethod
    def load(
        cls,
        profiles: Path | None = None,
        *,
        server: TerminologyServer | None = None,
        rules: Mapping[str, Rule] = MappingProxyType({}),
        limits: Limits | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> "Terminology":
        """Return the terminology of R4 core and of this project, in `profiles` or as it ships."""
        tables = TerminologyTables(profiles and profiles / "r4" / "terminology")
        catalogue = Catalogue(tables, shipped_resources(profiles))
        composer = Composer(catalogue, limits or Limits())
        return cls(catalogue, composer, server or NoServer(), rules, clock)

    def including(self, resources: Iterable[JsonObject]) -> "Terminology":
        """Return a terminology that also has these resources, which go before others."""
        catalogue = self.catalogue.including(resources)
        return replace(
            self, catalogue=catalogue, composer=Composer(catalogue, self.composer.limits)
        )

    def asking(self, server: TerminologyServer) -> "Terminology":
        """Return the same terminology with another server for what is not held."""
        return replace(self, server=server)

    def member(self, value_set: str, system: str | None, code: str) -> Membership:
        """Tell whether a code is in a value set; without a system, whether it is of any of its."""
        # Bindings ask this for every code of a write, so that what is composed is looked up at once.
        composition = self.composer.composed.get(value_set) or self._composition(value_set)
        members = composition.members if composition else UNKNOWN_MEMBERS
        if system is None:
            return members.judge_any(code)
        found = members.judge(system, code)
        if found is Membership.YES:
            return found
        if found is Membership.NO:
            spelt = self._spelt(system, code)
            return found if spelt == code else members.judge(system, spelt)
        return self._elsewhere(value_set, system, code).membership

    def expand(self, value_set: str | JsonObject, page: Page | None = None) -> JsonObject:
        """Return the value set with its expansion; raise a `FhirError` where that cannot be."""
        page = page or Page()
        if isinstance(value_set, str):
            return self._expand_url(value_set, page)
        composition = self.composer.compose(typed_value_set(value_set))
        return self._expander().expand(value_set, composition, page, self.clock())

    def codes(self, value_set: str) -> Mapping[str, Codes]:
        """Return all codes of a value set by code system, for `:in` and `:not-in`."""
        composition = self._composition(value_set)
        if composition is None:
            raise _unknown_value_set(value_set)
        composition.require_known()
        found = {system: each.yes for system, each in composition.members.systems.items()}
        if sum(map(len, found.values())) > self.composer.limits.codes:
            limit = self.composer.limits.codes
            raise TooCostly(f"The value set {value_set} has more than {limit} codes.")
        return found

    def lookup(
        self, system: str, code: str, *, version: str | None = None, properties: Iterable[str] = ()
    ) -> JsonObject:
        """Return the Parameters of `$lookup`."""
        index = self.catalogue.code_system(system, version)
        if index is not None and index.find(code):
            return lookups.lookup(index, code, frozenset(properties))
        if index is None or not index.is_complete:
            found = self.server.lookup(system, code)
            if found is not None:
                return found
        return lookups.lookup(self._index(system, version), code, frozenset())

    def validate_code(
        self,
        codings: Sequence[Coding],
        *,
        value_set: str | JsonObject | None = None,
        code_system: str | None = None,
    ) -> Verdict:
        """Return whether one of the codings is in the value set or, without one, code system."""
        validator = CodeValidator(self.catalogue, self.composer, self.server, self._elsewhere)
        return validator.validate(codings, value_set, code_system)

    def subsumes(self, system: str, one: str, other: str, *, version: str | None = None) -> str:
        """Return how the first code relates to the second, in the words of `$subsumes`."""
        return lookups.subsumes(self._index(system, version), one, other)

    def translate(
        self,
        codings: Sequence[Coding],
        *,
        concept_map: str | None = None,
        wanted: translation.Wanted | None = None,
    ) -> JsonObject:
        """Return the Parameters of `$translate`, by one concept map or by all that suit."""
        maps = {each.url or "": each for each in self.catalogue.concept_maps()}
        if concept_map is not None and concept_map.partition("|")[0] not in maps:
            raise UnknownTerminology(f"The concept map {concept_map} is not held here.")
        used = maps.values() if concept_map is None else (maps[concept_map.partition("|")[0]],)
        wanted = wanted or translation.Wanted()
        found = [
            match for each in codings for match in translation.translate(used, each, wanted, maps)
        ]
        return translation.to_parameters(found, codings[0])

    def below(self, system: str, code: str) -> Codes | None:
        """Return the code and those it subsumes, for `:below`; None where that is not known."""
        index = self.catalogue.code_system(system)
        if index is None or not index.has_subsumption or index.find(code) is None:
            return None
        spelt = index.spelt(code)
        return index.descendants(spelt) | {spelt}

    def above(self, system: str, code: str) -> Codes | None:
        """Return the code and those that subsume it, for `:above`; None where that is not known."""
        index = self.catalogue.code_system(system)
        if index is None or not index.has_subsumption or index.find(code) is None:
            return None
        spelt = index.spelt(code)
        return index.ancestors(spelt) | {spelt}

    def _composition(self, value_set: str) -> Composition | None:
        try:
            return self.composer.by_url(value_set)
        except FhirError:
            # What cannot be composed is as good as not held; expanding it tells why.
            return None

    def _elsewhere(self, value_set: str, system: str, code: str) -> Answer:
        """Return what a rule, or the server for what is not held, says of a value set."""
        rule = self.rules.get(value_set.partition("|")[0])
        if rule is None:
            return self.server.validate_code(Question(system, code, value_set))
        is_member = system == rule.system and rule.has(code)
        return Answer(Membership.YES if is_member else Membership.NO)

    def _expand_url(self, url: str, page: Page) -> JsonObject:
        composition = self.composer.by_url(url)
        resource = self.catalogue.value_set_resource(url)
        if composition is None or not composition.members.is_known:
            elsewhere = self.server.expand(url)
            if elsewhere is not None:
                resource = elsewhere
                composition = self.composer.compose(typed_value_set(elsewhere | {"compose": None}))
        if composition is None or resource is None:
            raise _unknown_value_set(url)
        return self._expander().expand(resource, composition, page, self.clock())

    def _expander(self) -> Expander:
        return Expander(self.catalogue, self.composer.limits)

    def _index(self, system: str, version: str | None) -> CodeSystemIndex:
        index = self.catalogue.code_system(system, version)
        if index is None:
            stated = f" of version {version}" if version else ""
            raise UnknownTerminology(f"The code system {system}{stated} is not held here.")
        return index

    def _spelt(self, system: str, code: str) -> str:
        index = self.catalogue.code_system(system)
        return index.spelt(code) if index else code


def _unknown_value_set(url: str) -> UnknownTerminology:
    return UnknownTerminology(f"The value set {url} is not held here.")
