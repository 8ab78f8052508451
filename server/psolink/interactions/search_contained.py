"""Search among contained resources.

What is found is the resource that holds them, as the client sees it, or with
`_containedType=contained` the contained ones themselves.

https://hl7.org/fhir/R4/search.html#contained
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psolink.errors import InvalidRequest, TooCostly
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.criteria import criteria_of
from psolink.interactions.search_pages import Pairs
from psolink.interactions.search_types import permitted
from psolink.search.conditions import all_of, one_of
from psolink.search.contained import (
    LAST_UPDATED,
    containers,
    matching,
    possibly_missed,
    require_inside,
)
from psolink.search.criteria import Criteria
from psolink.search.criterion import NotSupported
from psolink.search.lookup import MAX_FOUND
from psolink.search.matching import meets
from psolink.search.result_parameters import ResultParameters
from psolink.store.values import Stored

_SORTED_BY = frozenset({"_id", LAST_UPDATED})


@dataclass(frozen=True, slots=True)
class Inside:
    """What a contained resource has to meet, and where it may be.

    `query` finds what holds one, in resources of `types`. `own` is the condition of resources that
    are found in their own right, None where none are. With `is_shown` the contained resources
    themselves are the matches.
    """

    item: JsonObject
    query: JsonObject
    types: tuple[str, ...]
    own: JsonObject | None
    unindexed: JsonObject
    is_shown: bool

    @property
    def searches(self) -> tuple[JsonObject, ...]:
        """What the store is asked; no two of them have a match in common."""
        if self.own is None:
            return (self.query,)
        return (self.own, {"$and": [self.query, {"$nor": [self.own]}]})

    def is_own(self, stored: Stored) -> bool:
        """Tell whether a resource is a match itself and not only what it contains."""
        return self.own is not None and meets(self.own, stored.index)

    def places(self, stored: Stored) -> list[int]:
        """Return which of its contained resources match."""
        return matching(self.item, stored.index)

    def count(self, ctx: Context, *, limit: int | None) -> int:
        """Return how many resources match, contained ones by themselves; it ends near `limit`."""
        own = 0 if self.own is None else ctx.store.count(self.types, self.own, limit=limit)
        most = MAX_FOUND if limit is None else limit
        rows = ctx.store.rows(self.types, self.query, ("contained",), limit=most + 1)
        if limit is None and len(rows) > most:
            raise TooCostly(
                f"Contained resources are counted in {MAX_FOUND} resources at most: make the "
                "criteria narrower, or ask for _total=none."
            )
        return own + sum(len(matching(self.item, row.fields)) for row in rows)


def read_inside(
    ctx: Context, path: str, form: ResultParameters, pairs: Pairs, criteria: Criteria
) -> Inside | None:
    """Return the search among contained resources; None where none is asked for.

    `path` is the type that is searched for, and `criteria` are those of `pairs` for it.
    """
    if form.contained == "false":
        return None
    if path not in ctx.services.definitions.resource_types:
        raise InvalidRequest(
            "Contained resources are searched by one type: send _contained to a URL such as "
            "/Medication, and not to a compartment or to all types."
        )
    permitted(ctx, (path,))
    _require_plain(ctx, path, form, [pair for pair in pairs if pair[0] not in criteria.ignored])
    of_container = [pair for pair in pairs if pair[0] == LAST_UPDATED]
    item = criteria
    if of_container:
        rest = [pair for pair in pairs if pair[0] != LAST_UPDATED]
        item = criteria_of(ctx, path, rest, lenient=True)
    types = permitted(ctx, ctx.services.definitions.resource_types)
    conditions = [containers(item.filter), *_without_type(ctx, path, of_container)]
    return Inside(
        item=item.filter,
        query={"type": one_of(types)} | all_of(conditions),
        types=types,
        own=criteria.filter if form.contained == "both" else None,
        unindexed=_missed(types, item, criteria if form.contained == "both" else None),
        is_shown=form.contained_type == "contained",
    )


def require_sort_of_containers(sort: str) -> None:
    """Raise `NotSupported` for an order by what contained resources are found by."""
    for each in sort.split(","):
        if each.removeprefix("-") not in _SORTED_BY:
            raise NotSupported(
                f"Results with contained resources are sorted by {' and '.join(sorted(_SORTED_BY))} "
                f"of what holds them, and not by {each[:64]!r}."
            )


def _require_plain(ctx: Context, path: str, form: ResultParameters, pairs: Pairs) -> None:
    try:
        require_inside(ctx.services.search_parameters.for_type(path), pairs)
    except NotSupported as error:
        raise InvalidRequest(str(error), "_contained") from None
    if form.includes and form.contained_type == "contained":
        raise InvalidRequest(
            "Nothing is sent along with contained resources themselves: use "
            "_containedType=container, or leave the includes out.",
            "_containedType",
        )


def _without_type(ctx: Context, path: str, pairs: Pairs) -> Sequence[JsonObject]:
    if not pairs:
        return ()
    found = criteria_of(ctx, path, pairs).filter
    return ({name: each for name, each in found.items() if name != "type"},)


def _missed(types: Sequence[str], item: Criteria, own: Criteria | None) -> JsonObject:
    """Return what finds the resources that the search may miss."""
    found = possibly_missed(item.unindexed)
    if own is not None and own.unindexed is not None:
        found = {"$or": [found, own.unindexed]}
    return {"type": one_of(types)} | found
