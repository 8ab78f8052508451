"""Documents that are no resources, kept under an id: registrations, used assertions."""

from typing import Any

from pymongo import ASCENDING, MongoClient
from pymongo.errors import DuplicateKeyError

from psolink.fhir_json import JsonObject
from psolink.store.failures import translated


class Rows:
    """The rows of one collection."""

    def __init__(self, client: MongoClient[dict[str, Any]], database: str, name: str) -> None:
        self._collection = client[database][name]

    def get(self, row_id: str) -> JsonObject | None:
        """Return the row without its id, if there is one."""
        with translated():
            found = self._collection.find_one({"_id": row_id}, {"_id": 0})
        return dict(found) if found else None

    def first(self, prefix: str) -> str | None:
        """Return the first id that begins with `prefix`, without it."""
        ids = {"$gte": prefix, "$lt": f"{prefix}\U0010ffff"}
        with translated():
            found = self._collection.find_one({"_id": ids}, {"_id": 1}, sort=[("_id", ASCENDING)])
        return str(found["_id"]).removeprefix(prefix) if found else None

    def remove(self, query: JsonObject) -> None:
        """Remove the rows that match."""
        with translated():
            self._collection.delete_many(query)

    def save(self, row_id: str, row: JsonObject) -> None:
        """Write a row, in place of the one under the same id."""
        with translated():
            self._collection.replace_one({"_id": row_id}, {"_id": row_id} | row, upsert=True)

    def add(self, row_id: str, row: JsonObject) -> bool:
        """Write a row unless there is one under the same id; return whether it was written."""
        try:
            with translated():
                self._collection.insert_one({"_id": row_id} | row)
        except DuplicateKeyError:
            return False
        return True
