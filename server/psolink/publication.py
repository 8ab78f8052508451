"""Put the definitions that every client may read into the store, where nobody owns them.

They are found like everything else: by reading, searching, sorting and paging. What a release
does not change is not written again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from psolink.fhir_json import JsonObject
from psolink.interactions.attempts import until_current
from psolink.search.index_values import IndexValues
from psolink.store.base import ResourceStore
from psolink.store.values import EVERYONE, Access, Delete, Key, Page, Put, Records, Stored, Write

_CHUNK = 200
_ACCESS = Access(EVERYONE, (EVERYONE,), level=0, pswp=False)
_WRITTEN_BY_STORE = ("versionId", "lastUpdated")

Progress = Callable[[int], None]


class Published(Protocol):
    """Definitions by type."""

    @property
    def resource_types(self) -> frozenset[str]:
        """The types that there are definitions of."""
        ...

    def all(self, resource_type: str) -> Iterator[JsonObject]:
        """Yield every definition of a type."""
        ...


@dataclass(frozen=True, slots=True)
class Publication:
    """Writes what is published into a store; `now` is the clock."""

    store: ResourceStore
    index_values: IndexValues
    now: Callable[[], datetime]

    def publish(self, published: Published, progress: Progress) -> None:
        """Make the store hold exactly what is published; `progress` is told how many were done."""
        for resource_type in sorted(published.resource_types):
            resources = list(published.all(resource_type))
            for start in range(0, len(resources), _CHUNK):
                chunk = resources[start : start + _CHUNK]
                self._write(resource_type, chunk)
                progress(len(chunk))
            self._withdraw(resource_type, [each["id"] for each in resources])

    def _write(self, resource_type: str, resources: Sequence[JsonObject]) -> None:
        def attempt() -> None:
            ids = [each["id"] for each in resources]
            query = _own(resource_type, {"$in": ids})
            found = {each.key.id: each for each in self.store.find(query, Page(len(ids)))}
            self._commit(list(self._puts(resource_type, resources, found)))

        until_current(attempt)

    def _puts(
        self, resource_type: str, resources: Sequence[JsonObject], found: dict[str, Stored]
    ) -> Iterator[Put]:
        for resource in resources:
            current = found.get(resource["id"])
            if current is not None and _as_published(current) == resource:
                continue
            yield Put(
                key=Key(EVERYONE, resource_type, resource["id"]),
                resource=resource,
                access=_ACCESS,
                index=self.index_values.extract(resource),
                if_version=current.version if current else 0,
                method="PUT",
            )

    def _withdraw(self, resource_type: str, ids: list[str]) -> None:
        """Delete what an earlier release published and this one does not."""

        def attempt() -> None:
            query = _own(resource_type, {"$nin": ids}) | {"deleted": False}
            gone = self.store.find(query, Page(_CHUNK))
            self._commit([Delete(each.key, each.access, each.version) for each in gone])

        until_current(attempt)

    def _commit(self, writes: Sequence[Write]) -> None:
        if writes:
            self.store.commit(writes, Records(), now=self.now())


def _own(resource_type: str, ids: JsonObject) -> JsonObject:
    return {"type": resource_type, "tenant": EVERYONE, "id": ids}


def _as_published(stored: Stored) -> JsonObject | None:
    """Return the resource less what the store adds to it."""
    if stored.resource is None:
        return None
    kept = {
        name: each
        for name, each in stored.resource["meta"].items()
        if name not in _WRITTEN_BY_STORE
    }
    resource = {name: each for name, each in stored.resource.items() if name != "meta"}
    return resource | ({"meta": kept} if kept else {})
