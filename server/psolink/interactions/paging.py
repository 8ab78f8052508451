"""Pages of a result: how many, where the next one begins, and the links that say so.

The place is a value, not a number of rows, so that a write between two pages neither repeats nor
loses a row that stays as it is.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.settings import Settings
from psolink.store.values import Stored

CURSOR = "_cursor"
_COUNT = "_count"
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """The page that is asked for; a `limit` of 0 asks for the total alone."""

    limit: int
    cursor: str | None = None


def window(
    pairs: Sequence[tuple[str, str]], settings: Settings
) -> tuple[Window, list[tuple[str, str]]]:
    """Return the page asked for, and the parameters that are not about paging."""
    rest = []
    limit, cursor, is_counted = settings.default_count, None, False
    for name, value in pairs:
        match name:
            case "_count":
                limit = min(_count(value), settings.max_count)
            case "_summary" if value == "count":
                is_counted = True
            case "_cursor":
                cursor = value
            case _:
                rest.append((name, value))
    limit = 0 if is_counted else limit
    return Window(limit, cursor), rest


def next_cursor(last: Stored) -> str:
    """Return the cursor of the page after `last`."""
    text = f"{last.updated.isoformat()} {last.key}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def version_cursor(last: Stored) -> str:
    """Return the cursor of the page of a history after `last`."""
    return f"v{last.version}"


def version_of(cursor: str) -> int:
    """Return the version that a page of a history comes after."""
    if not cursor.startswith("v") or not _WHOLE_NUMBER.fullmatch(cursor[1:]):
        raise _damaged()
    return int(cursor[1:])


def link(
    relation: str,
    url: str,
    used: Iterable[tuple[str, str]],
    asked: Window,
    cursor: str | None,
) -> JsonObject:
    """Return a Bundle.link that repeats the parameters that were used."""
    paging = [(_COUNT, str(asked.limit)), *([(CURSOR, cursor)] if cursor else [])]
    return {"relation": relation, "url": f"{url}?{urlencode([*used, *paging])}"}


def _count(value: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(value):
        raise InvalidRequest(f"_count must be a whole number of entries, and is {value!r}.", _COUNT)
    return int(value)


def place_of(cursor: str | None) -> tuple[datetime, str] | None:
    """Return the row of a search that a page comes after; None for the first page."""
    return _place(cursor) if cursor else None


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        moment, key = text.decode().split(" ", 1)
        place = datetime.fromisoformat(moment)
        if place.tzinfo is not None:
            return place.astimezone(UTC), key
    except (binascii.Error, ValueError, OverflowError):
        raise _damaged() from None
    raise _damaged()


def _damaged() -> InvalidRequest:
    return InvalidRequest("The link is damaged: start again from the first page.", CURSOR)
