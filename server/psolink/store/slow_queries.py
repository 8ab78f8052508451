"""A log of slow reads and writes: their shape, never a value that somebody asked for or stored."""

import logging
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

from pymongo.database import Database
from pymongo.errors import PyMongoError

from psolink.fhir_json import JsonObject
from psolink.store.explained import index_in_plan

log = logging.getLogger(__name__)

VALUE: Final = "?"
# Names of parameters and types are no content, and without them a shape says little.
_SHOWN: Final = frozenset({"p", "type"})


def shape(query: object, name: str = "") -> object:
    """Return a filter with its values removed: its structure, and what it is about."""
    if isinstance(query, Mapping):
        return {
            key: shape(value, key if not key.startswith("$") else name)
            for key, value in query.items()
        }
    if isinstance(query, list | tuple):
        return _list_shape(list(query), name)
    return query if name in _SHOWN and isinstance(query, str) else VALUE


def _list_shape(items: list[object], name: str) -> object:
    shapes = [shape(each, name) for each in items]
    different = [each for place, each in enumerate(shapes) if each not in shapes[:place]]
    if len(different) < len(shapes):
        return [*different, f"{len(shapes)} in all"]
    return different


class SlowQueries:
    """Measures what is done with the database, and logs what takes too long.

    `milliseconds` is the time from which on it is logged; 0: nothing is.
    """

    def __init__(self, database: Database[dict[str, Any]], milliseconds: int) -> None:
        self._database = database
        self._seconds = milliseconds / 1000 if milliseconds else float("inf")

    def watch(self, what: str, collection: str, query: JsonObject | None = None) -> "_Watch":
        """Return a context in which a query, or a write of so many documents, is done."""
        return _Watch(self, what, collection, query)

    def note(self, watch: "_Watch", seconds: float) -> None:
        """Log a query that took too long."""
        if seconds < self._seconds:
            return
        log.warning(
            "slow %s in %s: %d ms, index %s, shape %s",
            watch.what,
            watch.collection,
            seconds * 1000,
            self._index(watch),
            shape(watch.query) if watch.query is not None else "-",
        )

    def _index(self, watch: "_Watch") -> str:
        if watch.query is None:
            return "-"
        command = {"find": watch.collection, "filter": watch.query}
        try:
            return index_in_plan(self._database, command) or "none"
        except PyMongoError:
            return "unknown"


class _Watch:
    """The time that one query takes."""

    __slots__ = ("_began", "_slow", "collection", "query", "what")

    def __init__(
        self, slow: SlowQueries, what: str, collection: str, query: JsonObject | None
    ) -> None:
        self._slow = slow
        self.what = what
        self.collection = collection
        self.query = query
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._slow.note(self, time.perf_counter() - self._began)
