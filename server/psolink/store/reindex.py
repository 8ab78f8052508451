"""Take the values to search by anew from stored resources, while others may write.

A resource that somebody writes meanwhile gets its values from that write: a batch changes only
the version that it has read.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from psolink.fhir_json import JsonObject
from psolink.store.chunks import Chunks
from psolink.store.documents import CODEC, DESCRIBED, stored
from psolink.store.migrations import Batch, batch_to, documents_after
from psolink.store.values import Stored

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
        seen, last, changes = 0, after, []
        # One by one, because resources can be large.
        for each in documents_after(self._resources, self._query, after):
            seen, last = seen + 1, each["_id"]
            change = self._change(*self._chunks.joined([each]))
            if change is not None:
                changes.append(change)
        if changes:
            self._resources.bulk_write(changes, ordered=False)
        return batch_to(last, seen)

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
