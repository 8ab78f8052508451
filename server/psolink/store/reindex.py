"""Take the values to search by anew from stored resources, while others may write.

A resource that somebody writes meanwhile gets its values from that write: a batch changes only
the version that it has read.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pymongo import ASCENDING, UpdateOne
from pymongo.database import Database

from psolink.fhir_json import JsonObject
from psolink.store.chunks import Chunks
from psolink.store.documents import CODEC, DESCRIBED, stored
from psolink.store.migrations import Batch
from psolink.store.values import Stored

_BATCH: Final = 200

# Returns the values to search by of a stored version.
IndexOf = Callable[[Stored], JsonObject]


class Reindex:
    """The walk through all resources that match `query`."""

    def __init__(
        self, database: Database[dict[str, Any]], index_of: IndexOf, query: JsonObject | None = None
    ) -> None:
        self._resources = database.get_collection("resources", codec_options=CODEC)
        self._chunks = Chunks(database)
        self._index_of = index_of
        self._query = {"deleted": False} | (query or {})

    def count(self) -> int:
        """Return how many resources there are to look at."""
        return self._resources.count_documents(self._query)

    def batch(self, after: str | None) -> Batch:
        """Take the values of the resources that follow `after` anew."""
        place = {} if after is None else {"_id": {"$gt": after}}
        found = self._resources.find(self._query | place).sort("_id", ASCENDING).limit(_BATCH)
        seen, last, changes = 0, after, []
        # One by one, because resources can be large.
        for each in found:
            seen, last = seen + 1, each["_id"]
            change = self._change(*self._chunks.joined([each]))
            if change is not None:
                changes.append(change)
        if changes:
            self._resources.bulk_write(changes, ordered=False)
        return Batch(last if seen == _BATCH else None, seen)

    def _change(self, document: Mapping[str, Any]) -> UpdateOne | None:
        found = {name: value for name, value in document.items() if name not in DESCRIBED}
        wanted = self._index_of(stored(dict(document)))
        if found == wanted:
            return None
        gone = {name: "" for name in found if name not in wanted}
        update: JsonObject = {"$set": wanted} if wanted else {}
        if gone:
            update["$unset"] = gone
        return UpdateOne({"_id": document["_id"], "version": document["version"]}, update)
