"""`$everything`: a patient's or an encounter's record, with what it refers to, page by page.

https://hl7.org/fhir/R4/patient-operation-everything.html and
https://hl7.org/fhir/R4/encounter-operation-everything.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.read import current
from psolink.interactions.result import Result
from psolink.interactions.search_pages import (
    Continuation,
    Pairs,
    page_link,
    resumed,
    sealed,
    self_link,
)
from psolink.operations.called import Called
from psolink.operations.parameters import as_pairs
from psolink.operations.record import Record
from psolink.operations.referenced import referenced
from psolink.search.result_parameters import CURSOR
from psolink.store.values import Stored

_COMMON = ("_since", "_type", "_count", CURSOR)
_POSITIVE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one call asks for, as it was understood."""

    path: str
    start: Continuation
    record: Record
    limit: int
    used: Pairs = field(default=())


def patient_everything(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the record of a patient, or of every patient, within the dates that are asked for."""
    return _everything(ctx, body, called, ("start", "end", *_COMMON))


def encounter_everything(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the record of an encounter."""
    return _everything(ctx, body, called, _COMMON)


def _everything(ctx: Context, body: JsonObject, called: Called, allowed: Sequence[str]) -> Result:
    resource_type = called.resource_type or ""
    holders: tuple[str, ...] = ()
    if called.resource_id is not None:
        holders = current(ctx, resource_type, called.resource_id).access.holders
    asked = _asked(ctx, as_pairs(ctx, body, frozenset(allowed)), called, holders)
    # One more than the page, to know whether there is another one.
    found = asked.record.rows(ctx, limit=asked.limit + 1, after=asked.start.place)
    page = found[: asked.limit]
    entries = [_entry(ctx, each, "match") for each in page]
    entries += [_entry(ctx, each, "include") for each in _included(ctx, asked, page)]
    bundle: JsonObject = {"resourceType": "Bundle", "type": "searchset"}
    if asked.start.place is None and len(found) <= asked.limit:
        bundle["total"] = len(found)
    bundle["link"] = _links(ctx, asked, found)
    return Result(200, bundle | ({"entry": entries} if entries else {}))


def _asked(ctx: Context, pairs: Pairs, called: Called, holders: tuple[str, ...]) -> Asked:
    steps = (called.resource_type, called.resource_id, "$everything")
    path = "/".join(step for step in steps if step)
    start = resumed(ctx, path, pairs)
    given = dict(start.pairs)
    record = Record(
        compartment=ctx.services.definitions.compartments[called.resource_type or ""],
        resource_id=called.resource_id,
        holders=holders,
        types=_types(ctx, [value for name, value in start.pairs if name == "_type"]),
        since=_instant(given.get("_since")),
        start=given.get("start"),
        end=given.get("end"),
    )
    return Asked(path, start, record, _limit(ctx, given.get("_count")), start.pairs)


def _types(ctx: Context, values: Sequence[str]) -> frozenset[str] | None:
    named = frozenset(each.strip() for value in values for each in value.split(","))
    for each in named:
        if each not in ctx.services.definitions.resource_types:
            raise InvalidRequest(f"_type names {each[:64]!r}, which is no resource type.", "_type")
    return named or None


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        # A moment of the first or the last day may have none in UTC.
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidRequest(
            f"_since is an instant with an offset, such as 2026-01-31T12:00:00Z, and not {text[:64]!r}.",
            "_since",
        )
    return in_utc


def _limit(ctx: Context, text: str | None) -> int:
    largest = ctx.services.settings.max_count
    if text is None:
        # The record is meant to come whole: pages are as large as they can be.
        return largest
    if not _POSITIVE.fullmatch(text):
        raise InvalidRequest(f"_count is a number of at least 1, and not {text[:64]!r}.", "_count")
    return min(int(text), largest)


def _included(ctx: Context, asked: Asked, page: Sequence[Stored]) -> list[Stored]:
    """Return what the page refers to outside of the record; what is within comes as a match."""

    def outside(resource_type: str) -> JsonObject:
        within = asked.record.within(resource_type)
        return {"$nor": [within]} if within is not None else {}

    found = referenced(ctx, page, narrowing=outside)
    wanted = asked.record.types
    return [each for each in found if wanted is None or each.key.type in wanted]


def _links(ctx: Context, asked: Asked, found: Sequence[Stored]) -> list[JsonObject]:
    used = list(asked.used)
    if asked.start.place is not None:
        used.append((CURSOR, sealed(ctx, asked.path, asked.start)))
    links = [self_link(ctx, asked.path, used)]
    if len(found) > asked.limit:
        place = asked.record.place_of(found[asked.limit - 1])
        following = Continuation(tuple(asked.start.pairs), place, None)
        links.append(page_link(ctx, "next", asked.path, following))
    return links


def _entry(ctx: Context, stored: Stored, mode: str) -> JsonObject:
    return {
        "fullUrl": f"{ctx.base_url}/{stored.key.reference}",
        "resource": stored.content,
        "search": {"mode": mode},
    }
