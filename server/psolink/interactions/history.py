"""History of a resource, of a type and of the system.

https://hl7.org/fhir/R4/http.html#history
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psolink.errors import InvalidRequest, TooCostly
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.read import not_found
from psolink.interactions.result import Result
from psolink.interactions.search_pages import (
    Continuation,
    Pairs,
    page_link,
    resumed,
    self_link,
)
from psolink.search.intervals import Interval, parse_interval
from psolink.search.result_parameters import ResultParameters, read_result_parameters
from psolink.search.search_type import MalformedValue
from psolink.store.documents import instant
from psolink.store.order import change_place_of
from psolink.store.values import Place, Span, Stored

ESTIMATED = 1000
"""An estimated total is exact up to this number, and beyond it is not given."""

MOST_COUNTED = 100_000
_STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}
_KNOWN = ("_at", "_count", "_since", "_summary", "_total")

_Read = Callable[[Span, Place | None, int], Sequence[Stored]]
"""Reads versions of what is asked for: in a span, after a place, up to a number."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A history as it was understood; `path` is that of its URL."""

    path: str
    span: Span
    form: ResultParameters
    used: Pairs
    start: Continuation
    limit: int


def history(
    ctx: Context, resource_type: str, resource_id: str, pairs: Pairs = (), *, lenient: bool = False
) -> Result:
    """Return the visible versions of a resource, latest first, page by page."""
    path = f"{resource_type}/{resource_id}/_history"

    def versions(span: Span, after: Place | None, limit: int) -> Sequence[Stored]:
        found = ctx.store.changes_of(resource_type, resource_id, span, after, limit=limit)
        if found is None:
            raise not_found(resource_type, resource_id)
        return found

    return _page(ctx, _read(ctx, path, pairs, lenient=lenient), versions)


def history_of_type(
    ctx: Context, resource_type: str, pairs: Pairs = (), *, lenient: bool = False
) -> Result:
    """Return the visible versions of all resources of a type, latest first, page by page."""

    def versions(span: Span, after: Place | None, limit: int) -> Sequence[Stored]:
        return ctx.store.changes([resource_type], span, after, limit=limit)

    asked = _read(ctx, f"{resource_type}/_history", pairs, lenient=lenient)
    return _page(ctx, asked, versions)


def history_of_system(ctx: Context, pairs: Pairs = (), *, lenient: bool = False) -> Result:
    """Return the visible versions of all resources, latest first, page by page."""

    def versions(span: Span, after: Place | None, limit: int) -> Sequence[Stored]:
        types = ctx.services.definitions.resource_types
        return ctx.store.changes(types, span, after, limit=limit)

    return _page(ctx, _read(ctx, "_history", pairs, lenient=lenient), versions)


def _read(ctx: Context, path: str, pairs: Pairs, *, lenient: bool) -> _Asked:
    start = resumed(ctx, path, pairs)
    known = [pair for pair in start.pairs if pair[0] in _KNOWN]
    if len(known) < len(start.pairs) and not lenient:
        names = ", ".join(sorted({name[:64] for name, _ in start.pairs if name not in _KNOWN}))
        raise InvalidRequest(f"A history takes {', '.join(_KNOWN)}, and not {names}.")
    try:
        form, rest = read_result_parameters(known)
    except MalformedValue as error:
        raise InvalidRequest(f"{error}.") from None
    settings = ctx.services.settings
    asked_for = settings.default_count if form.count is None else form.count
    limit = 0 if form.is_count_alone else min(asked_for, settings.max_count)
    return _Asked(path, _span(rest), form, known, start, limit)


def _span(pairs: Pairs) -> Span:
    span = Span()
    for name, value in pairs:
        interval = _interval(name, value)
        if name == "_since":
            span = replace(span, since=interval.low)
        else:
            span = replace(span, at=(interval.low, interval.high))
    return span


def _interval(name: str, value: str) -> Interval:
    found = parse_interval(value)
    if found is None:
        raise InvalidRequest(
            f"{name} needs a moment such as 2026-11-23T12:00:00Z, and has {value[:64]!r}.", name
        )
    return found


def _page(ctx: Context, asked: _Asked, versions: _Read) -> Result:
    # One more than the page, to know whether there is another one.
    found = versions(asked.span, asked.start.place, asked.limit + 1) if asked.limit else []
    page = found[: asked.limit]
    is_whole = asked.start.place is None and len(found) <= asked.limit and asked.limit > 0
    total = len(page) if is_whole else _total(asked, versions)
    bundle: JsonObject = {"resourceType": "Bundle", "type": "history"}
    if total is not None:
        bundle["total"] = total
    bundle["link"] = [self_link(ctx, asked.path, asked.used)]
    if len(found) > len(page):
        following = Continuation(tuple(asked.start.pairs), change_place_of(page[-1]), total)
        bundle["link"].append(page_link(ctx, "next", asked.path, following))
    if page:
        bundle["entry"] = [_entry(ctx, each) for each in page]
    return Result(200, bundle)


def _total(asked: _Asked, versions: _Read) -> int | None:
    """Return how many versions there are; None where that is not known or not wanted."""
    if asked.start.place is not None or asked.form.total == "none":
        return asked.start.total
    is_exact = asked.form.total == "accurate" or asked.form.is_count_alone
    most = MOST_COUNTED if is_exact else ESTIMATED
    counted, place = 0, None
    while counted <= most:
        found = versions(asked.span, place, ESTIMATED)
        counted += len(found)
        if len(found) < ESTIMATED:
            return counted
        place = change_place_of(found[-1])
    if is_exact:
        raise TooCostly(f"There are more than {most} versions; narrow them with _since or _at.")
    return None


def _entry(ctx: Context, version: Stored) -> JsonObject:
    reference = version.key.reference
    created = version.method == "PUT" and version.version == 1
    entry: JsonObject = {
        "fullUrl": f"{ctx.base_url}/{reference}",
        "request": {
            "method": version.method,
            "url": version.key.type if version.method == "POST" else reference,
        },
        "response": {
            "status": "201 Created" if created else _STATUS[version.method],
            "etag": f'W/"{version.version}"',
            "lastModified": instant(version.updated),
        },
    }
    if version.resource is not None:
        entry["resource"] = version.resource
    return entry
