"""Note in each superseded version when the next one came, which layout 2 did not keep."""

from typing import Any, Final

from pymongo import UpdateOne
from pymongo.database import Database

from psolink.store.documents import CODEC, version_id
from psolink.store.migrations import Batch, batch_to, documents_after

_UNKNOWN: Final = {"until": {"$exists": False}}


class Ending:
    """The walk through the superseded versions that do not say until when they were current."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._resources = database.get_collection("resources", codec_options=CODEC)
        self._history = database.get_collection("history", codec_options=CODEC)

    def count(self) -> int:
        """Return how many versions there are to look at."""
        return self._history.count_documents(_UNKNOWN)

    def batch(self, after: str | None) -> Batch:
        """Complete the versions that follow `after`."""
        wanted = ["tenant", "type", "id", "version"]
        rows = list(documents_after(self._history, _UNKNOWN, after, wanted))
        keys = {each["_id"]: f"{each['tenant']}/{each['type']}/{each['id']}" for each in rows}
        following = {
            each["_id"]: version_id(keys[each["_id"]], each["version"] + 1) for each in rows
        }
        moments = {
            each["_id"]: each["updated"]
            for collection, ids in (
                (self._history, list(following.values())),
                (self._resources, list(keys.values())),
            )
            for each in collection.find({"_id": {"$in": ids}}, ["updated"])
        }
        changes = [
            UpdateOne({"_id": name}, {"$set": {"until": moment}})
            for name, next_id in following.items()
            # The version after the last superseded one is the current one.
            if (moment := moments.get(next_id, moments.get(keys[name]))) is not None
        ]
        if changes:
            self._history.bulk_write(changes, ordered=False)
        return batch_to(rows[-1]["_id"] if rows else None, len(rows))
