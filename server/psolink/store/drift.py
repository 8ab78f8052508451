"""Whether the database has the indexes that this release defines, and making it so.

An index is ours if its name looks like `by_token_2`: the number changes with the definition. Other
indexes belong to whoever made them and stay.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pymongo import IndexModel
from pymongo.database import Database

from psolink.store.indexes import Index

_OURS: Final = re.compile(r"by_[a-z_]+_[0-9]+")
_PRIMARY: Final = "_id_"


class State(StrEnum):
    """How an index of the database compares with the definitions."""

    PRESENT = "present"
    MISSING = "missing"
    DIFFERENT = "different"
    OBSOLETE = "obsolete"
    FOREIGN = "foreign"


IN_ORDER: Final = frozenset({State.PRESENT, State.FOREIGN})
"""States that a build does not change."""

SERVICEABLE: Final = frozenset({State.PRESENT, State.FOREIGN, State.OBSOLETE})
"""States with which every search is answered as it should be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One index, as it is defined or else as it is, and how it compares."""

    index: Index
    state: State

    def __str__(self) -> str:
        return f"the index {self.index.collection}.{self.index.name} is {self.state}"


def findings(database: Database[dict[str, Any]], indexes: Iterable[Index]) -> list[Finding]:
    """Return what there is and what should be, by collection and name."""
    defined = {(each.collection, each.name): each for each in indexes}
    present = {
        (collection, each.name): each
        for collection in sorted({collection for collection, _ in defined})
        for each in _present(database, collection)
    }
    states = {place: _compared(each, present.get(place)) for place, each in defined.items()}
    states |= {
        place: State.OBSOLETE if _OURS.fullmatch(each.name) else State.FOREIGN
        for place, each in present.items()
        if place not in defined
    }
    return [Finding((present | defined)[place], states[place]) for place in sorted(states)]


def build(
    database: Database[dict[str, Any]],
    indexes: Iterable[Index],
    report: Callable[[Finding], None],
) -> None:
    """Build what is missing and remove what is obsolete or different; tell of each before."""
    found = findings(database, indexes)
    # A different index has the name of the one to build, an obsolete one perhaps its keys.
    for each in found:
        if each.state in (State.OBSOLETE, State.DIFFERENT):
            report(each)
            database[each.index.collection].drop_index(each.index.name)
    for each in found:
        if each.state in (State.MISSING, State.DIFFERENT):
            report(each)
            make(database, each.index)


def make(database: Database[dict[str, Any]], index: Index) -> None:
    """Create an index; one that is there already, and the same, stays."""
    wanted = IndexModel(list(index.keys), name=index.name, unique=index.unique)
    database[index.collection].create_indexes([wanted])


def _present(database: Database[dict[str, Any]], collection: str) -> Iterator[Index]:
    for name, described in database[collection].index_information().items():
        if name != _PRIMARY:
            keys = tuple((path, direction) for path, direction in described["key"])
            yield Index(collection, name, keys, unique=described.get("unique", False))


def _compared(defined: Index, present: Index | None) -> State:
    if present is None:
        return State.MISSING
    return State.PRESENT if present == defined else State.DIFFERENT
