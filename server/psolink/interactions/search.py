"""Search within one type.

https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterator, Sequence

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.paging import Window, link, next_cursor, place_of, window
from psolink.interactions.result import Result
from psolink.outcome import Issue, IssueCode, Severity, operation_outcome
from psolink.search.criteria import Criteria, parse_criteria
from psolink.store.values import Page, Stored

Pairs = Sequence[tuple[str, str]]


def search(ctx: Context, resource_type: str, pairs: Pairs, *, lenient: bool = False) -> Result:
    """Return a searchset of what the principal may see, newest first, page by page."""
    asked, rest = window(pairs, ctx.services.settings)
    after = place_of(asked.cursor)
    criteria = parse_criteria(
        ctx.services.search_parameters,
        resource_type,
        rest,
        base_url=ctx.base_url,
        lenient=lenient,
    )
    # One more than the page, to know whether there is another one.
    found = (
        ctx.store.find(resource_type, criteria.filter, Page(asked.limit + 1, after))
        if asked.limit
        else []
    )
    return Result(200, _searchset(ctx, resource_type, criteria, asked, found))


def _searchset(
    ctx: Context, resource_type: str, criteria: Criteria, asked: Window, found: Sequence[Stored]
) -> JsonObject:
    page = found[: asked.limit]
    url = f"{ctx.base_url}/{resource_type}"
    links = [link("self", url, criteria.used, asked, asked.cursor)]
    if len(found) > asked.limit > 0:
        links.append(link("next", url, criteria.used, asked, next_cursor(page[-1])))
    entries = [_match(ctx, each) for each in page]
    remarks = [*_ignored(criteria), *_incomplete(ctx, resource_type, criteria)]
    if remarks:
        entries.append({"resource": operation_outcome(remarks), "search": {"mode": "outcome"}})
    bundle: JsonObject = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": _total(ctx, resource_type, criteria, asked, found),
        "link": links,
    }
    return bundle | ({"entry": entries} if entries else {})


def _total(
    ctx: Context, resource_type: str, criteria: Criteria, asked: Window, found: Sequence[Stored]
) -> int:
    is_whole = asked.cursor is None and len(found) <= asked.limit and asked.limit > 0
    return len(found) if is_whole else ctx.store.count(resource_type, criteria.filter)


def _match(ctx: Context, stored: Stored) -> JsonObject:
    return {
        "fullUrl": f"{ctx.base_url}/{stored.key.reference}",
        "resource": stored.content,
        "search": {"mode": "match"},
    }


def _ignored(criteria: Criteria) -> Iterator[Issue]:
    for name in criteria.ignored:
        yield Issue(
            IssueCode.NOT_SUPPORTED,
            f"The parameter {name!r} is not known or not supported and was ignored.",
            severity=Severity.WARNING,
        )


def _incomplete(ctx: Context, resource_type: str, criteria: Criteria) -> Iterator[Issue]:
    if is_incomplete(ctx, resource_type, criteria):
        yield Issue(
            IssueCode.PROCESSING,
            "Some resources hold more values than can be searched by; they may be missing here.",
            severity=Severity.WARNING,
        )


def is_incomplete(ctx: Context, resource_type: str, criteria: Criteria) -> bool:
    """Tell whether a visible resource could not be indexed by a parameter of the criteria."""
    if criteria.unindexed is None:
        return False
    return bool(ctx.store.find(resource_type, criteria.unindexed, Page(limit=1)))
