"""From the rows of a page to its matches, and to the place where the next page begins.

A row is one match, except where contained resources are searched for: then it may be several, and
a page may end within it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from psolink.fhir_json import JsonObject
from psolink.interactions.search_pages import Continuation
from psolink.interactions.search_request import Request
from psolink.store.order import place_of
from psolink.store.values import Stored


@dataclass(frozen=True, slots=True)
class Match:
    """A resource that matches: its row, or what the row contains, and where that is read."""

    row: Stored
    resource: JsonObject
    reference: str


def matches(request: Request, rows: Sequence[Stored]) -> list[Match]:
    """Return the matches in the rows, less those that an earlier page has sent."""
    if request.inside is None or not request.inside.is_shown:
        return [_whole(row) for row in rows]
    found = []
    for row in rows:
        of_row = list(_inside(request, row))
        found += of_row[_sent_before(request.start, row) :]
    return found


def next_page(
    request: Request, rows: Sequence[Stored], found: Sequence[Match]
) -> Continuation | None:
    """Return where the next page begins; None where there is none."""
    start, limit = request.start, request.limit
    if not limit or len(rows) + len(found) == 0:
        return None
    if len(found) > limit:
        row = found[limit].row
        at = rows.index(row)
        sent = sum(each.row is row for each in found[:limit])
        sent += _sent_before(start, row) if sent or not at else 0
        place = place_of(rows[at - 1], request.order) if at else start.place
        return replace(start, place=place, partly=(str(row.key), sent) if sent else None)
    if len(rows) > limit:
        return replace(start, place=place_of(rows[-1], request.order), partly=None)
    return None


def _whole(row: Stored) -> Match:
    return Match(row, row.content, row.key.reference)


def _inside(request: Request, row: Stored) -> Iterator[Match]:
    if request.inside is None:
        return
    if request.inside.is_own(row):
        yield _whole(row)
    for at in request.inside.places(row):
        resource = row.content["contained"][at]
        reference = f"{row.key.reference}#{resource.get('id', '')}"
        yield Match(row, _labelled(resource, row.content), reference)


def _labelled(resource: JsonObject, container: JsonObject) -> JsonObject:
    """Return a contained resource with the security labels of what holds it."""
    labels = container.get("meta", {}).get("security")
    if not labels:
        return resource
    head = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    meta = resource.get("meta", {}) | {"security": labels}
    return head | {"meta": meta} | {name: each for name, each in resource.items() if name != "meta"}


def _sent_before(start: Continuation, row: Stored) -> int:
    """Return how many matches of the row an earlier page has sent."""
    key, sent = start.partly or ("", 0)
    return sent if key == str(row.key) else 0
