"""The seam of the store."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from psolink.fhir_json import JsonObject
from psolink.store.values import Page, Place, Records, Row, Span, Stored, Write


class ResourceStore(Protocol):
    """Versioned resources. Every write goes through `commit`, all or nothing."""

    def find(self, query: JsonObject, page: Page) -> Sequence[Stored]:
        """Return the current versions that match `query`, in the order of `page`."""
        ...

    def rows(self, query: JsonObject, fields: Sequence[str], *, limit: int) -> Sequence[Row]:
        """Return the wanted fields of up to `limit` current versions that match, in any order."""
        ...

    def count(self, query: JsonObject, *, limit: int | None = None) -> int:
        """Return how many current versions match `query`; counting ends at `limit`."""
        ...

    def labels(self, query: JsonObject, name: str) -> Sequence[Any]:
        """Return the distinct values of `meta.<name>` in the current versions that match `query`."""
        ...

    def versions(self, query: JsonObject, *, limit: int) -> Sequence[Stored]:
        """Return superseded versions that match `query`, highest version first."""
        ...

    def changes(
        self, query: JsonObject, span: Span, after: Place | None, *, limit: int
    ) -> Sequence[Stored]:
        """Return current and superseded versions that match, latest first, after a place."""
        ...

    def reservations(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return who holds each of `names`, for those that are taken."""
        ...

    def commit(self, writes: Sequence[Write], records: Records, *, now: datetime) -> list[Stored]:
        """Apply the writes together and return the new versions in the same order.

        Raise `VersionConflict` or `NameTaken`, and apply none, where a condition does not hold. An
        organization holds one resource under a type and an id, whoever wrote it.
        """
        ...
