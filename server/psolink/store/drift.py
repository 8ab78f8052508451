"""Whether the database has the indexes that this release defines, and making it so.

An index is ours if its name looks like `by_token_2`: the number changes with the definition. Other
indexes belong to whoever made them and stay.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pymongo.database import Database

from psolink.store.indexes import Index

_OURS: Final = re.compile(r"by_[a-z_]+_[0-9]+")
_PRIMARY: Final = "_id_"

Keys = tuple[tuple[str, int], ...]


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
    """One index, by collection and name, and how it compares."""

    collection: str
    name: str
    keys: Keys
    state: State

    def __str__(self) -> str:
        return f"the index {self.collection}.{self.name} is {self.state}"


def findings(database: Database[dict[str, Any]], indexes: Iterable[Index]) -> list[Finding]:
    """Return what there is and what should be, by collection and name."""
    defined = {(each.collection, each.name): each.keys for each in indexes}
    present = {
        (collection, name): keys
        for collection in sorted({collection for collection, _ in defined})
        for name, keys in _present(database, collection)
    }
    return [
        Finding(*place, *_compared(place, defined, present))
        for place in sorted(defined.keys() | present.keys())
    ]


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
            database[each.collection].drop_index(each.name)
    for each in found:
        if each.state in (State.MISSING, State.DIFFERENT):
            report(each)
            database[each.collection].create_index(list(each.keys), name=each.name)


def _present(database: Database[dict[str, Any]], collection: str) -> Iterator[tuple[str, Keys]]:
    for name, described in database[collection].index_information().items():
        if name != _PRIMARY:
            yield name, tuple((path, direction) for path, direction in described["key"])


def _compared(
    place: tuple[str, str],
    defined: dict[tuple[str, str], Keys],
    present: dict[tuple[str, str], Keys],
) -> tuple[Keys, State]:
    if place not in defined:
        is_ours = _OURS.fullmatch(place[1]) is not None
        return present[place], State.OBSOLETE if is_ours else State.FOREIGN
    keys = defined[place]
    if place not in present:
        return keys, State.MISSING
    return keys, State.PRESENT if present[place] == keys else State.DIFFERENT
