"""Which types a search goes through: those that the client names, or all that it may search.

https://hl7.org/fhir/R4/search.html#_type
"""

from collections.abc import Iterable

from psolink.errors import Forbidden, InvalidRequest
from psolink.interactions.context import Context, UnknownType
from psolink.interactions.search_pages import Pairs

TYPE = "_type"


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
