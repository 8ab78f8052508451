"""The version of the layout in which the database keeps its documents.

A release reads one layout. `psolink migrate` brings an older one up to it; see
`psolink.store.migrations`.
"""

from typing import Any, Final

from pymongo.database import Database

LAYOUT: Final = 5
"""What this release reads and writes."""

_ID: Final = "schema"


class WrongLayout(Exception):
    """The database has another layout than this release; the message says what to do."""


def layout_of(database: Database[dict[str, Any]]) -> int:
    """Return the layout of the database; a new one has that of this release."""
    found = database["meta"].find_one({"_id": _ID})
    return LAYOUT if found is None else int(found["version"])


def write_layout(database: Database[dict[str, Any]], version: int) -> None:
    """Note that the database has that layout now."""
    database["meta"].update_one({"_id": _ID}, {"$set": {"version": version}}, upsert=True)


def require_layout(database: Database[dict[str, Any]]) -> None:
    """Raise `WrongLayout` where the database has another layout; note that of a new one."""
    database["meta"].update_one({"_id": _ID}, {"$setOnInsert": {"version": LAYOUT}}, upsert=True)
    found = layout_of(database)
    refuse_newer(found)
    if found < LAYOUT:
        raise WrongLayout(
            f"The database has layout {found}, and this release needs layout {LAYOUT}: end every "
            "server that uses it, make a backup, and run `psolink migrate` "
            "(`psolink migrate --dry-run` says what it will do)."
        )


def refuse_newer(found: int) -> None:
    """Raise `WrongLayout` for a layout that a newer release made."""
    if found > LAYOUT:
        raise WrongLayout(
            f"The database has layout {found}, which a newer release made; this release knows "
            f"layouts up to {LAYOUT}. Install the newer release: nothing was changed."
        )
