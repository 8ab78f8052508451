"""Taking new values to search by from what is stored already, while others write.

A build walks through the documents batch by batch and goes on where it was ended. Writers that did
not know of it when they began may still commit: what was written since shortly before its begin is
looked at once more, when the last of them is done. Only then is it active.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database

from psolink.fhir_json import JsonObject
from psolink.store.documents import CODEC
from psolink.store.migrations import Walk

GRACE: Final = timedelta(seconds=20)
"""After so long no write is committed any more whose values were taken before the begin."""

MARGIN: Final = timedelta(seconds=60)
"""Writes bear the time at which they were asked for, and clocks of several hosts differ."""

ACTIVE, BUILDING, WALKED = "active", "building", "walked"

# Returns the walk through what the build concerns, or through what was written since a moment.
WalkSince = Callable[[datetime | None], Walk]


class Builds:
    """The builds, each with a row that says how far it is."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        now: Callable[[], datetime],
        grace: timedelta = GRACE,
    ) -> None:
        self._rows = database.get_collection("search_parameters", codec_options=CODEC)
        self._now = now
        self._grace = grace

    def advance(self, name: str, walk: WalkSince) -> bool:
        """Do the next part of a build; return whether there is one after it at once."""
        row = self._rows.find_one({"_id": name}) or self._begin(name, walk)
        match row["state"]:
            case "building":
                self._walk_on(row, walk)
                return True
            case "walked" if self._now() >= row["since"] + self._grace:
                self._finish(row, walk)
        return False

    def _begin(self, name: str, walk: WalkSince) -> JsonObject:
        row = {
            "_id": name,
            "state": BUILDING,
            "since": self._now(),
            "after": None,
            "seen": 0,
            "total": walk(None).count(),
        }
        self._save(row)
        return row

    def _walk_on(self, row: JsonObject, walk: WalkSince) -> None:
        batch = walk(None).batch(row["after"])
        state = WALKED if batch.place is None else BUILDING
        self._save(row | {"state": state, "after": batch.place, "seen": row["seen"] + batch.seen})

    def _finish(self, row: JsonObject, walk: WalkSince) -> None:
        late = walk(row["since"] - MARGIN)
        place = late.batch(None).place
        while place is not None:
            place = late.batch(place).place
        self._save(row | {"state": ACTIVE})

    def _save(self, row: JsonObject) -> None:
        self._rows.replace_one({"_id": row["_id"]}, row, upsert=True)
