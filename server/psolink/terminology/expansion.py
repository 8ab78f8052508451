"""Expansions: the codes of a value set, listed.

https://hl7.org/fhir/R4/valueset-operation-expand.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psolink.fhir_json import JsonObject
from psolink.terminology.catalogue import Catalogue
from psolink.terminology.composition import Candidate, Composition, Limits
from psolink.terminology.failures import TooCostly

_KEPT = ("id", "url", "version", "name", "title", "status", "experimental", "publisher", "date")


@dataclass(frozen=True, slots=True)
class Page:
    """Which codes are wanted: those that have `text` in code or display, and of them how many."""

    text: str | None = None
    offset: int = 0
    count: int | None = None
    active_only: bool = False


@dataclass(frozen=True, slots=True)
class Expander:
    """Lists what value sets are composed of."""

    catalogue: Catalogue
    limits: Limits

    def expand(
        self, value_set: JsonObject, composition: Composition, page: Page, now: datetime
    ) -> JsonObject:
        """Return the value set with the page of its expansion."""
        composition.require_known()
        found = [self._entry(each) for each in composition.codes()]
        wanted = [entry for entry in found if _passes(entry, page)]
        shown = self._shown(wanted, page)
        expansion = {
            "timestamp": now.isoformat(timespec="seconds"),
            "total": len(wanted),
            "offset": page.offset,
            "parameter": [*_parameters(page), *self._versions(shown)],
        }
        return _described(value_set) | {
            "expansion": _filled(expansion) | ({"contains": shown} if shown else {})
        }

    def _entry(self, candidate: Candidate) -> JsonObject:
        entry: JsonObject = {"system": candidate.system}
        index = self.catalogue.code_system(candidate.system)
        concept = index and index.concepts.get(candidate.code)
        if index and concept:
            entry |= {"abstract": True} if index.is_abstract(concept.code) else {}
            entry |= {"inactive": True} if index.is_inactive(concept.code) else {}
        entry["code"] = candidate.code
        display = candidate.display or (concept and concept.display)
        return entry | ({"display": display} if display else {})

    def _shown(self, wanted: list[JsonObject], page: Page) -> list[JsonObject]:
        if page.count is None and len(wanted) - page.offset > self.limits.codes:
            raise TooCostly(
                f"The expansion has {len(wanted)} codes and {self.limits.codes} are listed at a "
                "time; ask for fewer with 'count' and 'offset', or with 'filter'."
            )
        count = self.limits.codes if page.count is None else min(page.count, self.limits.codes)
        return wanted[page.offset : page.offset + count]

    def _versions(self, shown: Iterable[JsonObject]) -> Iterable[JsonObject]:
        for system in dict.fromkeys(entry["system"] for entry in shown):
            index = self.catalogue.code_system(system)
            if index and index.definition.version:
                yield {"name": "version", "valueUri": f"{system}|{index.definition.version}"}


def _passes(entry: JsonObject, page: Page) -> bool:
    if page.active_only and entry.get("inactive"):
        return False
    text = f"{entry['code']} {entry.get('display', '')}".casefold()
    return all(word in text for word in (page.text or "").casefold().split())


def _parameters(page: Page) -> Iterable[JsonObject]:
    if page.text is not None:
        yield {"name": "filter", "valueString": page.text}
    if page.offset:
        yield {"name": "offset", "valueInteger": page.offset}
    if page.count is not None:
        yield {"name": "count", "valueInteger": page.count}
    if page.active_only:
        yield {"name": "activeOnly", "valueBoolean": True}


def _described(value_set: JsonObject) -> JsonObject:
    kept = {name: value_set[name] for name in _KEPT if name in value_set}
    return {"resourceType": "ValueSet", "status": "active"} | kept


def _filled(expansion: JsonObject) -> JsonObject:
    return {name: value for name, value in expansion.items() if value != []}
