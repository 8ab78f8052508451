"""Remove the reservations of ids, which layout 4 kept; a unique index does their work."""

from typing import Any, Final

from pymongo.database import Database

from psolink.store.migrations import Batch, batch_to, documents_after

_OF_IDS: Final = {"_id": {"$gte": "id:", "$lt": "id;"}}


class Unreserved:
    """The walk through the reservations of ids."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._reservations = database["reservations"]

    def count(self) -> int:
        """Return how many reservations there are to remove."""
        return self._reservations.count_documents(_OF_IDS)

    def batch(self, after: str | None) -> Batch:
        """Remove the reservations that follow `after`."""
        names = [
            each["_id"]
            for each in documents_after(self._reservations, {"$and": [_OF_IDS]}, after, ["_id"])
        ]
        if names:
            self._reservations.delete_many({"_id": {"$in": names}})
        return batch_to(names[-1] if names else None, len(names))
