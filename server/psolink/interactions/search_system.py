"""Search in all types, or in those that `_type` names.

https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterable
from dataclasses import replace

from psolink.errors import Forbidden, InvalidRequest
from psolink.interactions.context import Context, UnknownType
from psolink.interactions.result import Result
from psolink.interactions.search import answer
from psolink.interactions.search_pages import Pairs, resumed
from psolink.interactions.search_request import Extent, read_request

TYPE = "_type"


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


def chosen_types(ctx: Context, pairs: Pairs) -> tuple[tuple[str, ...], Pairs]:
    """Return the types that `_type` names, each once, and the other parameters."""
    names = [each for name, value in pairs if name == TYPE for each in value.split(",")]
    for each in names:
        _require_named(ctx, each)
    return tuple(sorted(set(names))), [pair for pair in pairs if pair[0] != TYPE]


def _require_named(ctx: Context, resource_type: str) -> None:
    try:
        ctx.require_type(resource_type)
    except UnknownType as error:
        # The type is a value here: the URL itself leads somewhere.
        diagnostics = f"{TYPE}: {error.issues[0].diagnostics}"
        raise InvalidRequest(diagnostics, TYPE) from None


def permitted(ctx: Context, resource_types: Iterable[str]) -> tuple[str, ...]:
    """Return the types that the client may search; raise `Forbidden` where there is none."""
    found = tuple(each for each in sorted(resource_types) if ctx.store.may("s", each))
    if not found:
        raise Forbidden(
            "The access token does not cover this: it needs a scope such as system/*.s."
        )
    return found
