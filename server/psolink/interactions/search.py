"""Search: what matches criteria, page by page.

https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.criteria import criteria_of
from psolink.interactions.result import Result
from psolink.interactions.search_pages import (
    Continuation,
    Pairs,
    page_link,
    resumed,
    sealed,
    self_link,
)
from psolink.interactions.subset import subset
from psolink.outcome import Issue, IssueCode, Severity, operation_outcome
from psolink.search.criteria import Criteria
from psolink.search.criterion import NotSupported
from psolink.search.result_parameters import CURSOR, ResultParameters, read_result_parameters
from psolink.search.search_type import MalformedValue
from psolink.search.sort import read_sort
from psolink.store.order import place_of
from psolink.store.values import NEWEST_FIRST, Page, SortKey, Stored

ESTIMATED = 1000
"""An estimated total is exact up to this number, and beyond it is not given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was understood."""

    resource_type: str
    path: str
    form: ResultParameters
    criteria: Criteria
    order: tuple[SortKey, ...]
    limit: int
    start: Continuation
    remarks: tuple[Issue, ...] = field(default=())


def search(ctx: Context, resource_type: str, pairs: Pairs, *, lenient: bool = False) -> Result:
    """Return a searchset of what the principal may see, newest first unless asked otherwise."""
    asked = _read(ctx, resource_type, pairs, lenient=lenient)
    # One more than the page, to know whether there is another one.
    page = Page(asked.limit + 1, asked.start.place, asked.order)
    found = ctx.store.find(resource_type, asked.criteria.filter, page) if asked.limit else []
    return Result(200, _searchset(ctx, asked, found))


def _read(ctx: Context, resource_type: str, pairs: Pairs, *, lenient: bool) -> Asked:
    path = resource_type
    start = resumed(ctx, path, pairs)
    try:
        form, rest = read_result_parameters(start.pairs)
    except MalformedValue as error:
        raise InvalidRequest(f"{error}.") from None
    criteria = criteria_of(ctx, resource_type, rest, lenient=lenient)
    asked = Asked(
        resource_type=resource_type,
        path=path,
        form=form,
        criteria=criteria,
        order=NEWEST_FIRST,
        limit=_limit(ctx, form),
        start=start,
        remarks=tuple(_ignored(each) for each in criteria.ignored),
    )
    return _ordered(ctx, asked, lenient=lenient)


def _limit(ctx: Context, form: ResultParameters) -> int:
    if form.is_count_alone:
        return 0
    settings = ctx.services.settings
    return min(settings.default_count if form.count is None else form.count, settings.max_count)


def _ordered(ctx: Context, asked: Asked, *, lenient: bool) -> Asked:
    """Return `asked` with the order of `_sort`, which only lenient handling passes over."""
    if asked.form.sort is None:
        return asked
    try:
        order = read_sort(asked.form.sort, ctx.services.search_parameters, (asked.resource_type,))
    except MalformedValue as error:
        raise InvalidRequest(f"_sort: {error}.", "_sort") from None
    except NotSupported as error:
        if not lenient:
            raise InvalidRequest.of([Issue(IssueCode.NOT_SUPPORTED, str(error))]) from None
        used = tuple(pair for pair in asked.form.used if pair[0] != "_sort")
        form = replace(asked.form, sort=None, used=used)
        return replace(asked, form=form, remarks=(*asked.remarks, _ignored("_sort")))
    return replace(asked, order=order)


def _searchset(ctx: Context, asked: Asked, found: Sequence[Stored]) -> JsonObject:
    page = found[: asked.limit]
    total = _total(ctx, asked, found)
    entries = [_match(ctx, asked, each) for each in page]
    remarks = [*asked.remarks, *_incomplete(ctx, asked)]
    if remarks:
        entries.append({"resource": operation_outcome(remarks), "search": {"mode": "outcome"}})
    bundle: JsonObject = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        bundle["total"] = total
    bundle["link"] = list(_links(ctx, asked, found, total))
    return bundle | ({"entry": entries} if entries else {})


def _links(
    ctx: Context, asked: Asked, found: Sequence[Stored], total: int | None
) -> Iterator[JsonObject]:
    start, path = replace(asked.start, total=total), asked.path
    used = [*asked.criteria.used, *asked.form.used, ("_count", str(asked.limit))]
    has_next = len(found) > asked.limit > 0
    if start.place is not None:
        used.append((CURSOR, sealed(ctx, path, asked.start)))
    yield self_link(ctx, path, used)
    if start.place is not None or has_next:
        yield page_link(ctx, "first", path, replace(start, place=None, total=None))
    if has_next:
        place = place_of(found[asked.limit - 1], asked.order)
        yield page_link(ctx, "next", path, replace(start, place=place))


def _total(ctx: Context, asked: Asked, found: Sequence[Stored]) -> int | None:
    """Return the number of matches; None where it is not wanted, or not known cheaply."""
    if asked.start.place is not None:
        return asked.start.total
    if asked.limit and len(found) <= asked.limit:
        return None if asked.form.total == "none" else len(found)
    query, is_alone = asked.criteria.filter, asked.form.is_count_alone
    if is_alone or asked.form.total == "accurate":
        return ctx.store.count(asked.resource_type, query)
    if asked.form.total == "none":
        return None
    number = ctx.store.count(asked.resource_type, query, limit=ESTIMATED + 1)
    return number if number <= ESTIMATED else None


def _match(ctx: Context, asked: Asked, stored: Stored) -> JsonObject:
    return {
        "fullUrl": f"{ctx.base_url}/{stored.key.reference}",
        "resource": subset(ctx.services.definitions, stored.content, asked.form),
        "search": {"mode": "match"},
    }


def _ignored(name: str) -> Issue:
    return Issue(
        IssueCode.NOT_SUPPORTED,
        f"The parameter {name[:64]!r} is not known or not supported and was ignored.",
        severity=Severity.WARNING,
    )


def _incomplete(ctx: Context, asked: Asked) -> Iterator[Issue]:
    if is_incomplete(ctx, asked.criteria):
        yield Issue(
            IssueCode.PROCESSING,
            "Some resources hold more values than can be searched by; they may be missing here.",
            severity=Severity.WARNING,
        )


def is_incomplete(ctx: Context, criteria: Criteria) -> bool:
    """Tell whether a visible resource could not be indexed by a parameter of the criteria."""
    if criteria.unindexed is None:
        return False
    return bool(ctx.store.rows(criteria.looked_into, criteria.unindexed, limit=1))
