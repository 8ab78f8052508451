"""From one layout of the database to the next, in steps that go on where they were ended.

A step walks through documents in the order of their ids and notes after each batch how far it is.
So a migration that was killed goes on, and one that changed everything changes nothing again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.cursor import Cursor
from pymongo.database import Database

from psolink.store.layout import LAYOUT, layout_of, refuse_newer, write_layout

CREATION: Final = "moments of creation"
"""The walk that notes when each resource was created."""

ENDING: Final = "ends of versions"
"""The walk that notes until when each superseded version was current."""

UNRESERVED: Final = "reservations of ids"
"""The walk that removes the reservations of ids, of which an index takes care now."""

REINDEX: Final = "search values"
"""The walk that takes the values to search by anew from every resource."""

MIGRATIONS: Final[Mapping[int, Sequence[str]]] = {
    2: (CREATION, REINDEX),
    3: (ENDING, REINDEX),
    4: (REINDEX,),
    5: (UNRESERVED,),
}
"""By the layout that it leads to, the walks that a migration takes."""

_PROGRESS: Final = "migration"
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """How many documents a walk looked at, and the place it has reached; None: the end."""

    place: str | None
    seen: int


def documents_after(
    collection: Collection[dict[str, Any]],
    query: Mapping[str, Any],
    after: str | None,
    fields: Sequence[str] | None = None,
) -> Cursor[dict[str, Any]]:
    """Return a batch of the documents that match `query`, in the order of their ids."""
    place = {} if after is None else {"_id": {"$gt": after}}
    return collection.find({**query, **place}, fields).sort("_id", ASCENDING).limit(_BATCH)


def batch_to(last: str | None, seen: int) -> Batch:
    """Return the batch that ended with the document `last`; one that is not full is the last."""
    return Batch(last if seen == _BATCH else None, seen)


class Walk(Protocol):
    """A change of many documents, batch by batch."""

    def count(self) -> int:
        """Return how many documents there are to look at."""
        ...

    def batch(self, after: str | None) -> Batch:
        """Change the documents that follow `after`, of which some may be changed already."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One walk of a migration that is to be made."""

    name: str
    walk: Walk


# Called after each batch with the step and how many documents were looked at.
Report = Callable[[Step, int], None]


class Migrator:
    """Brings a database to the layout of this release."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        walks: Mapping[str, Walk],
        migrations: Mapping[int, Sequence[str]] = MIGRATIONS,
    ) -> None:
        self._database = database
        self._meta = database["meta"]
        self._walks = walks
        self._migrations = migrations

    def found(self) -> int:
        """Return the layout of the database; raise `WrongLayout` for one that is newer."""
        found = layout_of(self._database)
        refuse_newer(found)
        return found

    def steps(self) -> list[Step]:
        """Return the steps that lead to the layout of this release, in order."""
        since = self.found()
        names = [
            name
            for to, walks in sorted(self._migrations.items())
            if since < to <= LAYOUT
            for name in walks
        ]
        # Of two migrations that take the same walk the later one is enough for both.
        places = {name: place for place, name in enumerate(names)}
        return [Step(name, self._walks[name]) for name in sorted(places, key=places.__getitem__)]

    def run(self, report: Report) -> None:
        """Take the steps, from the place that an earlier run has reached."""
        for step in self.steps():
            for seen in self._walk(step):
                report(step, seen)
        write_layout(self._database, LAYOUT)
        self._meta.delete_many({"migration": _PROGRESS})

    def _walk(self, step: Step) -> Iterator[int]:
        row = {"_id": f"{_PROGRESS}/{LAYOUT}/{step.name}", "migration": _PROGRESS}
        known = self._meta.find_one(row) or {"after": None, "seen": 0, "is_done": False}
        place, seen, is_done = known["after"], known["seen"], known["is_done"]
        yield seen
        while not is_done:
            batch = step.walk.batch(place)
            place, seen, is_done = batch.place, seen + batch.seen, batch.place is None
            self._meta.replace_one(
                row, {**row, "after": place, "seen": seen, "is_done": is_done}, upsert=True
            )
            yield seen
