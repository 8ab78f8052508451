"""Search: what matches criteria, page by page.

https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from psolink.fhir_json import JsonObject
from psolink.interactions.completeness import may_be_incomplete
from psolink.interactions.context import Context
from psolink.interactions.included import included
from psolink.interactions.result import Result
from psolink.interactions.search_pages import Pairs, page_link, resumed, sealed, self_link
from psolink.interactions.search_request import Extent, Request, read_request
from psolink.interactions.subset import subset
from psolink.outcome import Issue, IssueCode, Severity, operation_outcome
from psolink.search.result_parameters import CURSOR
from psolink.store.order import merged, place_of
from psolink.store.values import Stored

ESTIMATED = 1000
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
    page = found[: request.limit]
    total = _total(ctx, request, parts)
    along, remarks = included(ctx, request.includes, page)
    entries = [_entry(ctx, request, each, "match") for each in page]
    entries += [_entry(ctx, request, each, "include") for each in along]
    remarks = [*request.remarks, *remarks, *_incomplete(ctx, request)]
    if remarks:
        entries.append({"resource": operation_outcome(remarks), "search": {"mode": "outcome"}})
    bundle: JsonObject = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        bundle["total"] = total
    bundle["link"] = list(_links(ctx, request, found, total))
    return bundle | ({"entry": entries} if entries else {})


def _links(
    ctx: Context, request: Request, found: Sequence[Stored], total: int | None
) -> Iterator[JsonObject]:
    start, path = replace(request.start, total=total), request.extent.path
    used = list(request.used)
    has_next = len(found) > request.limit > 0
    if start.place is not None:
        used.append((CURSOR, sealed(ctx, path, request.start)))
    yield self_link(ctx, path, used)
    if start.place is not None or has_next:
        yield page_link(ctx, "first", path, replace(start, place=None, total=None))
    if has_next:
        place = place_of(found[request.limit - 1], request.order)
        yield page_link(ctx, "next", path, replace(start, place=place))


def _total(ctx: Context, request: Request, parts: Sequence[Sequence[Stored]]) -> int | None:
    """Return the number of matches; None where it is not wanted, or not known cheaply."""
    form = request.form
    if request.start.place is not None:
        return request.start.total
    if form.is_count_alone or form.total == "accurate":
        return request.count(ctx, parts)
    if form.total == "none":
        return None
    number = request.count(ctx, parts, limit=ESTIMATED + 1)
    return number if number <= ESTIMATED else None


def _entry(ctx: Context, request: Request, stored: Stored, mode: str) -> JsonObject:
    return {
        "fullUrl": f"{ctx.base_url}/{stored.key.reference}",
        "resource": subset(ctx.services.definitions, stored.content, request.form),
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
