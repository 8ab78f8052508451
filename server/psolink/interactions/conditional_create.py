"""Conditional create: of simultaneous identical ones exactly one stores.

https://hl7.org/fhir/R4/http.html#ccreate
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from psolink.errors import InvalidRequest, PreconditionFailed
from psolink.interactions.completeness import is_incomplete
from psolink.interactions.context import Context
from psolink.interactions.criteria import criteria_of
from psolink.outcome import IssueCode
from psolink.search.criteria import Criteria
from psolink.store.values import Page, Reservation, Stored


@dataclass(frozen=True, slots=True)
class Match:
    """The one resource that matches, or the names that a writer must reserve to create it."""

    found: Stored | None = None
    reservations: tuple[Reservation, ...] = ()


class MultipleMatches(PreconditionFailed):
    """The criteria of a condition match more than one resource."""

    code = IssueCode.MULTIPLE_MATCHES


def match(
    ctx: Context,
    resource_type: str,
    pairs: Sequence[tuple[str, str]] | None,
    *,
    without: frozenset[str] = frozenset(),
) -> Match:
    """Return what the criteria match; raise `PreconditionFailed` on more than one resource.

    The ids in `without` are passed over: the same transaction deletes them first.
    """
    if pairs is None:
        return Match()
    criteria = match_criteria(ctx, resource_type, pairs)
    name = _name(ctx, criteria)
    # The name before the search: who holds it now has stored already, so that a search that
    # does not find it proves that the holder no longer matches and may be replaced.
    holder = ctx.store.reservations([name]).get(name)
    found = find_matches(ctx, resource_type, criteria, without=without)
    if len(found) > 1:
        raise MultipleMatches(
            f"The condition matches more than one {resource_type}; make it narrower."
        )
    if found:
        return Match(found[0])
    require_complete(ctx, resource_type, criteria)
    return Match(None, (Reservation(name, holder),))


def find_matches(
    ctx: Context, resource_type: str, criteria: Criteria, *, without: frozenset[str] = frozenset()
) -> list[Stored]:
    """Return the resources that match, two at most: the second tells that there are several."""
    query = criteria.filter
    if without:
        query = {"$and": [query, {"id": {"$nin": sorted(without)}}]}
    return ctx.store.find(resource_type, query, Page(limit=2))


def require_complete(ctx: Context, resource_type: str, criteria: Criteria) -> None:
    """Raise `PreconditionFailed` where a resource might match that search cannot find."""
    if is_incomplete(ctx, criteria):
        raise PreconditionFailed(
            f"Some {resource_type} hold more values than can be searched by, so that it is not "
            "certain that none matches; use another condition."
        )


def match_criteria(ctx: Context, resource_type: str, pairs: Sequence[tuple[str, str]]) -> Criteria:
    """Return the criteria of a condition, which must not be empty."""
    if not pairs:
        raise InvalidRequest("A condition needs search criteria, such as identifier=system|value.")
    return criteria_of(ctx, resource_type, pairs)


def _name(ctx: Context, criteria: Criteria) -> str:
    # Hashed, because criteria hold identifiers of people.
    text = f"{ctx.tenant}\n{criteria.key}"
    return f"match:{sha256(text.encode()).hexdigest()}"
