"""Search: what matches criteria, page by page.

https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from psolink.errors import TooCostly
from psolink.fhir_json import JsonObject
from psolink.interactions.completeness import may_be_incomplete
from psolink.interactions.context import Context
from psolink.interactions.included import included
from psolink.interactions.result import Result
from psolink.interactions.search_matches import matches, next_page
from psolink.interactions.search_pages import (
    Continuation,
    Pairs,
    page_link,
    resumed,
    sealed,
    self_link,
)
from psolink.interactions.search_request import Extent, Request, read_request
from psolink.interactions.subset import subset
from psolink.outcome import Issue, IssueCode, Severity, operation_outcome
from psolink.search.result_parameters import CURSOR
from psolink.store.order import merged
from psolink.store.values import Stored

ESTIMATED = 100
"""An estimated total is exact up to this number, and beyond it is not given."""


def search(ctx: Context, resource_type: str, pairs: Pairs, *, lenient: bool = False) -> Result:
    """Return a searchset of what the principal may see, newest first unless asked otherwise."""
    start = resumed(ctx, resource_type, pairs)
    extent = Extent((resource_type,), resource_type)
    return answer(ctx, read_request(ctx, extent, start, lenient=lenient))


def answer(ctx: Context, request: Request) -> Result:
    """Return the searchset of a request."""
    return Result(200, _searchset(ctx, request, request.find(ctx)))


def _searchset(ctx: Context, request: Request, parts: Sequence[Sequence[Stored]]) -> JsonObject:
    found = merged(parts, request.page)
    shown = matches(request, found)
    page = shown[: request.limit]
    total = _total(ctx, request, parts)
    along, remarks = included(ctx, request.includes, [each.row for each in page])
    entries = [_entry(ctx, request, each.reference, each.resource, "match") for each in page]
    entries += [_entry(ctx, request, each.key.reference, each.content, "include") for each in along]
    remarks = [*request.remarks, *remarks, *_incomplete(ctx, request)]
    if remarks:
        entries.append({"resource": operation_outcome(remarks), "search": {"mode": "outcome"}})
    bundle: JsonObject = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        bundle["total"] = total
    bundle["link"] = list(_links(ctx, request, next_page(request, found, shown), total))
    return bundle | ({"entry": entries} if entries else {})


def _links(
    ctx: Context, request: Request, following: Continuation | None, total: int | None
) -> Iterator[JsonObject]:
    start, path = request.start, request.extent.path
    used = list(request.used)
    if not start.is_start:
        used.append((CURSOR, sealed(ctx, path, request.start)))
    yield self_link(ctx, path, used)
    if following is not None or not start.is_start:
        yield page_link(ctx, "first", path, Continuation(start.pairs, None, None))
    if following is not None:
        yield page_link(ctx, "next", path, replace(following, total=total))


def _total(ctx: Context, request: Request, parts: Sequence[Sequence[Stored]]) -> int | None:
    """Return the number of matches; None where it is not wanted, or not known cheaply."""
    form = request.form
    if not request.start.is_start:
        return request.start.total
    if form.is_count_alone or form.total == "accurate":
        return request.count(ctx, parts)
    if form.total == "none":
        return None
    try:
        number = request.count(ctx, parts, limit=ESTIMATED + 1)
    except TooCostly:
        # The matches are found; that they could not be counted in time is no reason to fail.
        return None
    return number if number <= ESTIMATED else None


def _entry(
    ctx: Context, request: Request, reference: str, resource: JsonObject, mode: str
) -> JsonObject:
    return {
        "fullUrl": f"{ctx.base_url}/{reference}",
        "resource": subset(ctx.services.definitions, resource, request.form),
        "search": {"mode": mode},
    }


def _incomplete(ctx: Context, request: Request) -> Iterator[Issue]:
    with_published = request.extent.with_published
    if may_be_incomplete(ctx, request.criteria, with_published=with_published):
        yield Issue(
            IssueCode.PROCESSING,
            "Some resources hold more values than can be searched by; they may be missing here.",
            severity=Severity.WARNING,
        )
