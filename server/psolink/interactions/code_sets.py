"""The value sets and code systems that the modifiers of tokens look codes up in.

https://hl7.org/fhir/R4/search.html#token
"""

import re
from collections.abc import Iterator, Mapping

from psolink.errors import ResourceNotFound
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.store.values import Page
from psolink.terminology import Terminology, UnknownTerminology

_LOCAL = re.compile(r"ValueSet/[A-Za-z0-9\-.]{1,64}", re.ASCII)
_MAX_SYSTEMS = 20


class VisibleCodeSets:
    """The terminology of the server, and above it what the principal may read of the stored one."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._terminology = ctx.services.terminology

    def codes(self, value_set: str) -> Mapping[str, frozenset[str]]:
        """Return all codes of a value set, named by URL or as `ValueSet/id`."""
        local = value_set.removeprefix(f"{self._ctx.base_url}/")
        if _LOCAL.fullmatch(local):
            return self._codes_of(self._by_id(local))
        try:
            return self._terminology.codes(value_set)
        except UnknownTerminology:
            found = self._by_url("ValueSet", value_set)
            if found is None:
                raise
            return self._codes_of(found)

    def below(self, system: str, code: str) -> frozenset[str] | None:
        """Return the code and those that it subsumes."""
        return self._holding(system).below(system, code)

    def above(self, system: str, code: str) -> frozenset[str] | None:
        """Return the code and those that subsume it."""
        return self._holding(system).above(system, code)

    def _codes_of(self, value_set: JsonObject) -> Mapping[str, frozenset[str]]:
        # Composing goes by URL, which a value set may lack.
        url = value_set.get("url", f"urn:{value_set['id']}")
        resources = [value_set | {"url": url}, *self._systems_of(value_set)]
        return self._terminology.including(resources).codes(url)

    def _systems_of(self, value_set: JsonObject) -> Iterator[JsonObject]:
        """Yield the stored code systems that a stored value set includes whole or filters."""
        includes = value_set.get("compose", {}).get("include", [])
        systems = dict.fromkeys(each["system"] for each in includes if "system" in each)
        for system in list(systems)[:_MAX_SYSTEMS]:
            found = self._stored_system(system)
            if found is not None:
                yield found

    def _holding(self, system: str) -> Terminology:
        found = self._stored_system(system)
        return self._terminology if found is None else self._terminology.including([found])

    def _stored_system(self, system: str) -> JsonObject | None:
        if self._terminology.catalogue.code_system(system) is not None:
            return None
        return self._by_url("CodeSystem", system)

    def _by_id(self, reference: str) -> JsonObject:
        resource_type, _, resource_id = reference.partition("/")
        found = self._ctx.store.get(resource_type, resource_id)
        if found is None or found.resource is None:
            raise ResourceNotFound(f"{reference} is not known.")
        return found.content

    def _by_url(self, resource_type: str, canonical: str) -> JsonObject | None:
        if not self._ctx.principal.may("s", resource_type):
            return None
        url, _, version = canonical.partition("|")
        conditions = [{"uri": {"$elemMatch": {"p": "url", "v": url}}}]
        if version:
            conditions.append({"token": {"$elemMatch": {"p": "version", "c": version}}})
        query = {"type": resource_type, "$and": conditions}
        found = self._ctx.store.find(resource_type, query, Page(limit=1))
        return found[0].content if found else None
