"""Search in all types, or in those that `_type` names.

https://hl7.org/fhir/R4/http.html#search
"""

from dataclasses import replace

from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.interactions.search import answer
from psolink.interactions.search_pages import Pairs, resumed
from psolink.interactions.search_request import Extent, read_request
from psolink.interactions.search_types import TYPE, chosen_types, permitted


def search_system(ctx: Context, pairs: Pairs, *, lenient: bool = False) -> Result:
    """Return a searchset of resources of several types, all that match the same criteria."""
    start = resumed(ctx, "", pairs)
    types, rest = chosen_types(ctx, start.pairs)
    if types:
        extent = Extent(types, "", used=((TYPE, ",".join(types)),))
    else:
        known = ctx.services.definitions.resource_types
        allowed = permitted(ctx, known)
        extent = Extent(
            allowed,
            "",
            alike=True,
            is_everything=len(allowed) == len(known),
            # The definitions that everyone may read are found by their types.
            with_published=False,
        )
    request = read_request(ctx, extent, replace(start, pairs=tuple(rest)), lenient=lenient)
    return answer(ctx, replace(request, start=start))
