"""The search parameters that an organization has stored, for what it holds.

Their values are kept under a name made of the organization and the definition: what one
organization defines does not meet what another does, and what is defined anew is not found by
values that were taken before. Every write takes the values of all that its holders have stored,
from the moment at which they are stored; searched by they are once all that was there before has
been looked at.

https://hl7.org/fhir/R4/searchparameter.html
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

import msgspec

from psolink.fhir_json import JsonObject
from psolink.search.index_values import IndexValues
from psolink.search.registry import InvalidDefinition, SearchParameter, SearchParameters
from psolink.store.base import ResourceStore
from psolink.store.values import EVERYONE, Page, Stored

TYPE = "SearchParameter"

MOST = 100
"""The most search parameters that one organization stores."""

KEEP_SECONDS = 1.0
"""For so long a server process goes by what it has read of the parameters of an organization."""

ACTIVE, BUILDING = "active", "building"
_DEFINING = ("code", "type", "base", "expression", "target", "component")

Definition = Mapping[str, SearchParameter]


class States(Protocol):
    """The rows that say how far the values of a parameter have been taken."""

    def get(self, row_id: str) -> JsonObject | None:
        """Return the row without its id, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a parameter is built: its state, and how many resources were looked at."""

    state: str
    seen: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Own:
    """What an organization has stored: for its searches, and for the index of what it holds."""

    parameters: SearchParameters
    values: IndexValues


def key_of(tenant: str, definition: JsonObject) -> str:
    """Return the name under which the values of a parameter are kept."""
    defining = [tenant, *(definition.get(name) for name in _DEFINING)]
    return f"x{sha256(msgspec.json.encode(defining)).hexdigest()[:20]}"


def stored_definitions(store: ResourceStore, organization: str) -> Sequence[Stored]:
    """Return the SearchParameters that an organization has stored, the oldest first."""
    query = {"type": TYPE, "holders": organization, "tenant": organization, "deleted": False}
    return sorted(store.find(query, Page(MOST)), key=lambda each: each.index["created"])


def defining_organizations(store: ResourceStore) -> list[str]:
    """Return the organizations that have stored a SearchParameter."""
    query = {"type": TYPE, "tenant": {"$ne": EVERYONE}, "deleted": False}
    return sorted({each.key.tenant for each in store.rows(query, (), limit=_MOST_ROWS)})


_MOST_ROWS = 10_000


class StoredParameters:
    """Reads what organizations have stored, now and then, and keeps what it has compiled."""

    def __init__(
        self,
        parameters: SearchParameters,
        store: ResourceStore,
        states: States,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parameters = parameters
        self._store = store
        self._states = states
        self._clock = clock
        self._known: dict[str, tuple[float, tuple[object, ...], Own | None]] = {}

    def of(self, organization: str) -> Own | None:
        """Return what the organization has stored; None where that is nothing."""
        known = self._known.get(organization)
        if known is not None and self._clock() < known[0]:
            return known[2]
        return self.read(organization)

    def read(self, organization: str) -> Own | None:
        """Read anew what the organization has stored, and return it."""
        until = self._clock() + KEEP_SECONDS
        found = stored_definitions(self._store, organization)
        keys = [key_of(organization, each.content) for each in found]
        states = [(self._states.get(key) or {}).get("state") for key in keys]
        now = tuple(zip(keys, states, strict=True))
        known = self._known.get(organization)
        own = known[2] if known is not None and known[1] == now else self._own(found, now)
        self._known[organization] = (until, now, own)
        return own

    def definitions(self, organization: str) -> Sequence[Stored]:
        """Return the SearchParameters that the organization has stored."""
        return stored_definitions(self._store, organization)

    def progress(self, organization: str, definition: JsonObject) -> Progress:
        """Return how far the parameter of that definition is built."""
        row = self._states.get(key_of(organization, definition))
        if row is None:
            return Progress(BUILDING)
        state = ACTIVE if row["state"] == ACTIVE else BUILDING
        return Progress(state, row["seen"], row["total"])

    def add_values(
        self, found: JsonObject, resource: JsonObject, holders: Iterable[str], *, base_url: str
    ) -> JsonObject:
        """Return the values to search by with those of what the holders have stored."""
        for holder in holders:
            own = self.of(holder)
            if own is not None:
                found = merged(found, own.values.of_parameters(resource, base_url=base_url))
        return found

    def _own(self, found: Sequence[Stored], states: Sequence[tuple[str, str | None]]) -> Own | None:
        indexed, searched = [], []
        for each, (key, state) in zip(found, states, strict=True):
            try:
                definition = self._parameters.compiled(each.content, key)
            except InvalidDefinition:
                # It was sound when it was stored: a later release knows the code itself.
                continue
            indexed.append(definition)
            searched.append(definition if state == ACTIVE else _unfinished(each, definition))
        if not indexed:
            return None
        return Own(
            self._parameters.extended(searched), IndexValues(self._parameters.of_own(indexed))
        )


def merged(one: JsonObject, other: JsonObject) -> JsonObject:
    """Return the values of both, array by array."""
    found = dict(one)
    for name, values in other.items():
        if name in found:
            found[name] = (
                found[name] | values if isinstance(values, dict) else [*found[name], *values]
            )
        else:
            found[name] = values
    return found


def _unfinished(stored: Stored, definition: Definition) -> Definition:
    why = (
        f"The parameter {stored.content['code']!r} is being built: not everything that it finds is "
        f"known yet. {TYPE}/{stored.key.id}/$reindex-status says how far it is."
    )
    return {base: replace(each, search_type=None, why_not=why) for base, each in definition.items()}
