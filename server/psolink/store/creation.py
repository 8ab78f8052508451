"""Note in each resource when its first version was written, which layout 1 did not keep."""

from typing import Any, Final

from pymongo import UpdateOne
from pymongo.database import Database

from psolink.store.documents import CODEC, first_version_id
from psolink.store.migrations import Batch, batch_to, documents_after

_UNKNOWN: Final = {"created": {"$exists": False}}


class Creation:
    """The walk through the resources that do not say when they were created."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._resources = database.get_collection("resources", codec_options=CODEC)
        self._history = database.get_collection("history", codec_options=CODEC)

    def count(self) -> int:
        """Return how many resources there are to look at."""
        return self._resources.count_documents(_UNKNOWN)

    def batch(self, after: str | None) -> Batch:
        """Complete the resources that follow `after`."""
        rows = list(documents_after(self._resources, _UNKNOWN, after, ["updated", "version"]))
        firsts = [first_version_id(each["_id"]) for each in rows]
        moments = {
            each["_id"]: each["updated"]
            for each in self._history.find({"_id": {"$in": firsts}}, ["updated"])
        }
        changes = [
            UpdateOne(
                {"_id": each["_id"], "version": each["version"]},
                {"$set": {"created": moments.get(first, each["updated"])}},
            )
            for each, first in zip(rows, firsts, strict=True)
        ]
        if changes:
            self._resources.bulk_write(changes, ordered=False)
        return batch_to(rows[-1]["_id"] if rows else None, len(rows))
