"""Whether a search may miss a resource, because a parameter of its criteria could not be indexed.

That is rare, and asking costs as much as the search itself. A search therefore trusts for a moment
what was found for the same client; a condition of a write, which must be certain, asks each time.
"""

from psolink.interactions.context import Context
from psolink.search.criteria import Criteria


def is_incomplete(ctx: Context, criteria: Criteria, *, with_published: bool = True) -> bool:
    """Tell whether a visible resource could not be indexed by a parameter of the criteria."""
    if criteria.unindexed is None:
        return False
    found = ctx.store.rows(
        criteria.looked_into, criteria.unindexed, limit=1, with_published=with_published
    )
    return bool(found)


def may_be_incomplete(ctx: Context, criteria: Criteria, *, with_published: bool) -> bool:
    """Tell the same as it was a moment ago."""
    if criteria.unindexed is None:
        return False
    principal, recently = ctx.principal, ctx.services.recently_complete
    eyes = (principal.organization, principal.level, principal.holds_pswp_clearance)
    asked = (*eyes, with_published, repr(criteria.unindexed))
    if recently.holds(asked):
        return False
    found = is_incomplete(ctx, criteria, with_published=with_published)
    if not found:
        recently.remember(asked)
    return found
