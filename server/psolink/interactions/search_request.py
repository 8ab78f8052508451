"""A search as it was understood: what matches, in which order, and what of it is sent.

https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.criteria import StoreLookup, criteria_of
from psolink.interactions.search_contained import (
    Inside,
    read_inside,
    require_sort_of_containers,
)
from psolink.interactions.search_pages import Continuation, Pairs
from psolink.outcome import Issue, IssueCode, Severity
from psolink.search.conditions import all_of, one_of
from psolink.search.criteria import Criteria
from psolink.search.criterion import NotSupported
from psolink.search.date_range import DATE, bounded_searches
from psolink.search.include import REFERENCES, Include, read_include
from psolink.search.result_parameters import (
    RESULT_PARAMETERS,
    ResultParameters,
    read_result_parameters,
)
from psolink.search.search_type import MalformedValue
from psolink.search.sort import read_sort
from psolink.search.sort_values import sort_path
from psolink.store.values import NEWEST_FIRST, Page, SortKey, Stored

MAX_RULES = 50
"""The most rules that say what is sent along; each is a query or more for each round."""

_NOTHING: Mapping[str, JsonObject] = {}


@dataclass(frozen=True, slots=True)
class Extent:
    """Where is searched: in some types, at a URL, and within what holds for each type.

    `used` are the parameters that chose the types. In an extent `alike` only parameters are taken
    that every type has and that are the same for all. `is_everything` says that the types are all
    that there are, and `with_published` whether what is for everyone belongs to it. `parts` are
    conditions of which every match meets exactly one: each can be read from an index.
    """

    types: tuple[str, ...]
    path: str
    within: Mapping[str, JsonObject] = field(default_factory=lambda: _NOTHING)
    used: tuple[tuple[str, str], ...] = ()
    alike: bool = False
    is_everything: bool = False
    with_published: bool = True
    parts: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A search as it was understood, and remarks on what was not."""

    extent: Extent
    form: ResultParameters
    criteria: Criteria
    limit: int
    start: Continuation
    order: tuple[SortKey, ...] = NEWEST_FIRST
    includes: tuple[Include, ...] = ()
    remarks: tuple[Issue, ...] = ()
    inside: Inside | None = None

    @property
    def page(self) -> Page:
        """The rows that are wanted, and one more, to know whether there is another page."""
        fields = REFERENCES if self.includes else ()
        # What contained resources match by is judged again, by all that they are searched by.
        wanted = fields if self.inside is None else None
        return Page(self.limit + 1, self.start.place, self.order, wanted)

    def find(self, ctx: Context) -> list[list[Stored]]:
        """Return what each of the searches finds of the page; nothing where none is wanted."""
        if not self.limit:
            return []
        types, published = self.types, self.extent.with_published
        return [
            ctx.store.find(types, each, self.page, with_published=published)
            for each in self.searches
        ]

    def count(
        self, ctx: Context, found: Sequence[Sequence[Stored]], *, limit: int | None = None
    ) -> int:
        """Return the number of matches; counting a search ends at `limit`.

        `found` is the first page, on which some searches have found all that there is for them.
        """
        if self.inside is not None and self.inside.is_shown:
            return self.inside.count(ctx, limit=limit)
        types, published = self.types, self.extent.with_published
        return sum(
            len(found[at])
            if found and len(found[at]) <= self.limit
            else ctx.store.count(types, each, limit=limit, with_published=published)
            for at, each in enumerate(self.searches)
        )

    @property
    def types(self) -> tuple[str, ...]:
        """The types of what the store is asked for."""
        return self.extent.types if self.inside is None else self.inside.types

    @property
    def searches(self) -> tuple[JsonObject, ...]:
        """What the store is asked; no two of them have a match in common."""
        if self.inside is not None:
            return self.inside.searches
        if self.extent.parts:
            return tuple({"$and": [each, self.criteria.filter]} for each in self.extent.parts)
        if len(self.extent.types) > 1:
            return (self.criteria.filter,)
        ascending = self.order[0].path == sort_path(DATE, descending=False)
        return bounded_searches(self.criteria.filter, self.criteria.used, descending=not ascending)

    @property
    def used(self) -> Pairs:
        """What was understood, in canonical order."""
        size = ("_count", str(self.limit))
        return [*self.extent.used, *self.criteria.used, *self.form.used, *self.form.includes, size]


def read_request(ctx: Context, extent: Extent, start: Continuation, *, lenient: bool) -> Request:
    """Return what `start` asks for; raise `InvalidRequest` with everything that is at fault.

    With `lenient`, what is not known or not supported is passed over.
    """
    try:
        form, rest = read_result_parameters(start.pairs)
    except MalformedValue as error:
        raise InvalidRequest(f"{error}.") from None
    criteria = _criteria(ctx, extent, rest, lenient=lenient)
    inside = read_inside(ctx, extent.path, form, rest, criteria)
    if inside is not None:
        criteria = replace(criteria, unindexed=inside.unindexed, looked_into=inside.types)
    request = Request(
        extent,
        form,
        criteria,
        _limit(ctx, form),
        start,
        remarks=_ignored(*criteria.ignored),
        inside=inside,
    )
    return _with_includes(ctx, _ordered(ctx, request, lenient=lenient), lenient=lenient)


def _criteria(ctx: Context, extent: Extent, pairs: Pairs, *, lenient: bool) -> Criteria:
    """Return the criteria for all types of the extent, which have to have the parameters."""
    if extent.alike:
        return _alike(ctx, extent, pairs, lenient=lenient)
    lookup = StoreLookup(ctx.store)
    by_type = {
        each: criteria_of(ctx, each, pairs, lenient=lenient, lookup=lookup) for each in extent.types
    }
    first = next(iter(by_type.values()))
    unindexed = [each.unindexed for each in by_type.values() if each.unindexed is not None]
    return replace(
        first,
        filter=_any_type(extent, by_type),
        unindexed={"$or": unindexed} if len(unindexed) > 1 else next(iter(unindexed), None),
        looked_into=tuple(sorted({name for each in by_type.values() for name in each.looked_into})),
        ignored=tuple(dict.fromkeys(name for each in by_type.values() for name in each.ignored)),
    )


def _alike(ctx: Context, extent: Extent, pairs: Pairs, *, lenient: bool) -> Criteria:
    """Return criteria that are read once for all types."""
    _require_general(ctx, pairs)
    first = criteria_of(ctx, extent.types[0], pairs, lenient=lenient)
    unindexed = first.unindexed and first.unindexed | {"type": one_of(extent.types)}
    return replace(
        first,
        filter=_any_type(extent, dict.fromkeys(extent.types, first)),
        unindexed=unindexed,
        looked_into=extent.types if unindexed else (),
    )


def _require_general(ctx: Context, pairs: Pairs) -> None:
    general = {
        each.code for each in ctx.services.definitions.search_parameters if "Resource" in each.base
    }
    other = [name for name, _ in pairs if name.partition(":")[0] not in general | RESULT_PARAMETERS]
    if other:
        raise _not_supported(
            [
                f"{name[:64]!r} is no parameter of all types: name the types that are meant by "
                f"_type, or use {', '.join(sorted(general))}."
                for name in other
            ]
        )


def _any_type(extent: Extent, by_type: Mapping[str, Criteria]) -> JsonObject:
    """Return the condition of a match; types with the same one are asked for together."""
    groups: list[tuple[JsonObject, list[str]]] = []
    for resource_type, criteria in by_type.items():
        own = {name: each for name, each in criteria.filter.items() if name != "type"}
        condition = all_of([each for each in (own, extent.within.get(resource_type)) if each])
        same = next((types for each, types in groups if each == condition), None)
        if same is None:
            groups.append((condition, [resource_type]))
        else:
            same.append(resource_type)
    if extent.is_everything and len(groups) == 1:
        return groups[0][0]
    alternatives = [{"type": one_of(types)} | condition for condition, types in groups]
    return alternatives[0] if len(alternatives) == 1 else {"$or": alternatives}


def _limit(ctx: Context, form: ResultParameters) -> int:
    if form.is_count_alone:
        return 0
    settings = ctx.services.settings
    return min(settings.default_count if form.count is None else form.count, settings.max_count)


def _ordered(ctx: Context, request: Request, *, lenient: bool) -> Request:
    """Return `request` with the order of `_sort`, which only lenient handling passes over."""
    if request.form.sort is None:
        return request
    try:
        if request.inside is not None:
            require_sort_of_containers(request.form.sort)
        order = read_sort(request.form.sort, ctx.services.search_parameters, request.extent.types)
    except MalformedValue as error:
        raise InvalidRequest(f"_sort: {error}.", "_sort") from None
    except NotSupported as error:
        if not lenient:
            raise _not_supported([str(error)]) from None
        used = tuple(pair for pair in request.form.used if pair[0] != "_sort")
        form = replace(request.form, sort=None, used=used)
        return replace(request, form=form, remarks=(*request.remarks, *_ignored("_sort")))
    return replace(request, order=order)


def _with_includes(ctx: Context, request: Request, *, lenient: bool) -> Request:
    rules, used, refused, ignored = [], [], [], []
    asked = dict.fromkeys(request.form.includes)
    if len(asked) > MAX_RULES:
        raise InvalidRequest(
            f"At most {MAX_RULES} rules of _include and _revinclude are taken, found {len(asked)}; "
            "Type:* stands for all parameters of a type."
        )
    for name, value in asked:
        try:
            rules.append(read_include(name, value, ctx.services.search_parameters))
            used.append((name, value))
        except MalformedValue as error:
            raise InvalidRequest(f"{error}.", name) from None
        except NotSupported as error:
            refused.append(str(error))
            ignored.append(f"{name}={value}")
    if refused and not lenient:
        raise _not_supported(refused)
    return replace(
        request,
        form=replace(request.form, includes=tuple(used)),
        includes=tuple(rules),
        remarks=(*request.remarks, *_ignored(*ignored)),
    )


def _not_supported(diagnostics: Sequence[str]) -> InvalidRequest:
    error = InvalidRequest(diagnostics[0])
    error.issues = [Issue(IssueCode.NOT_SUPPORTED, each) for each in diagnostics]
    return error


def _ignored(*names: str) -> tuple[Issue, ...]:
    return tuple(_remark(each) for each in names)


def _remark(name: str) -> Issue:
    return Issue(
        IssueCode.NOT_SUPPORTED,
        f"The parameter {name[:64]!r} is not known or not supported and was ignored.",
        severity=Severity.WARNING,
    )
