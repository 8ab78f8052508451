"""Find code systems, value sets and concept maps by canonical URL.

https://hl7.org/fhir/R4/references.html#canonical
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from psolink.artifacts import artifact_dir
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse
from psolink.terminology.code_system_index import CodeSystemIndex
from psolink.terminology.failures import InvalidTerminology
from psolink.terminology.model import CodeSystem, ConceptMap, ValueSet
from psolink.terminology.tables import Row, TerminologyTables

_Read = TypeVar("_Read", CodeSystem, ValueSet, ConceptMap)
_TYPES = ("CodeSystem", "ValueSet", "ConceptMap")
_OWN_FOLDERS = ("psolink", "common-formats")


class Catalogue:
    """The tables of R4 core, and above them resources that are at hand as JSON."""

    def __init__(self, tables: TerminologyTables, resources: Iterable[JsonObject] = ()) -> None:
        self._tables = tables
        self._own: dict[str, dict[str, JsonObject]] = {name: {} for name in _TYPES}
        self._systems: dict[str, CodeSystemIndex] = {}
        for each in resources:
            if each.get("resourceType") in self._own and isinstance(each.get("url"), str):
                self._own[each["resourceType"]][each["url"]] = each

    def including(self, resources: Iterable[JsonObject]) -> "Catalogue":
        """Return a catalogue that also has these resources, which go before those of this one."""
        held = (each for by_url in self._own.values() for each in by_url.values())
        return Catalogue(self._tables, [*held, *resources])

    def code_system_urls(self) -> list[str]:
        """Return the URLs of the code systems that are held."""
        return sorted({*self._tables.rows("CodeSystem"), *self._own["CodeSystem"]})

    def code_system(self, canonical: str, version: str | None = None) -> CodeSystemIndex | None:
        """Return the code system; None if it is not held, or not in the version that is named."""
        found = self._system(canonical)
        if found is None:
            # Some code systems of R4 core have a URL with a | in it, so that it is looked up first.
            url, _, stated = canonical.partition("|")
            found, version = self._system(url), version or stated
        return found if found and version in (None, "", found.definition.version) else None

    def value_set(self, canonical: str) -> ValueSet | None:
        """Return the value set; None if it is not held, or not in the version that is named."""
        url, _, version = canonical.partition("|")
        held = self._held("ValueSet", url)
        found = _typed(held, ValueSet) if held is not None else None
        return found if found and version in ("", found.version) else None

    def value_set_resource(self, canonical: str) -> JsonObject | None:
        """Return the value set as a resource, less the texts that the tables leave out."""
        held = self._held("ValueSet", canonical.partition("|")[0])
        if isinstance(held, msgspec.Raw):
            return {"resourceType": "ValueSet"} | msgspec.json.decode(held, type=JsonObject)
        return held

    def concept_maps(self) -> Iterator[ConceptMap]:
        """Yield every concept map that is held."""
        held: dict[str, JsonObject | Row] = dict(self._tables.rows("ConceptMap"))
        held.update(self._own["ConceptMap"])
        for each in held.values():
            yield _typed(each, ConceptMap)

    def _system(self, url: str) -> CodeSystemIndex | None:
        found = self._systems.get(url)
        if found is None:
            held = self._held("CodeSystem", url)
            if held is None:
                return None
            found = self._systems[url] = CodeSystemIndex(_typed(held, CodeSystem))
        return found

    def _held(self, resource_type: str, url: str) -> JsonObject | Row | None:
        own = self._own[resource_type].get(url)
        return own if own is not None else self._tables.rows(resource_type).get(url)


def typed_value_set(resource: JsonObject) -> ValueSet:
    """Return a ValueSet resource as its value; raise `InvalidTerminology` if it is none."""
    return _typed(resource, ValueSet)


def shipped_resources(folder: Path | None = None) -> Iterator[JsonObject]:
    """Yield the terminology that this project defines, from `folder` or where it ships."""
    profiles = folder or artifact_dir("profiles")
    limits = JsonLimits()
    for name in _OWN_FOLDERS:
        for resource_type in _TYPES:
            for path in sorted((profiles / name).glob(f"{resource_type}-*.json")):
                yield parse(path.read_bytes(), limits=limits)


def _typed(held: JsonObject | Row, target: type[_Read]) -> _Read:
    try:
        if isinstance(held, msgspec.Raw):
            return msgspec.json.decode(held, type=target)
        return msgspec.convert(held, target)
    except msgspec.ValidationError as error:
        raise InvalidTerminology(f"The {target.__name__} cannot be read: {error}.") from error
