"""Search in a compartment, `/Patient/1/AdverseEvent` or `/Patient/1/*`.

https://hl7.org/fhir/R4/http.html#search and https://hl7.org/fhir/R4/compartmentdefinition.html
"""

from collections.abc import Sequence
from dataclasses import replace

from psolink.definitions import Compartment
from psolink.errors import ResourceNotFound
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.interactions.search import answer
from psolink.interactions.search_pages import Pairs, resumed
from psolink.interactions.search_request import Extent, read_request
from psolink.interactions.search_types import TYPE, chosen_types, permitted
from psolink.search.holding import written_by

ANY = "*"


def search_compartment(
    ctx: Context,
    owner: tuple[str, str],
    resource_type: str,
    pairs: Pairs,
    *,
    lenient: bool = False,
) -> Result:
    """Return a searchset of what belongs to the compartment of `owner`, a type and an id.

    A compartment whose owner is unknown or hidden is empty.
    """
    path = f"{owner[0]}/{owner[1]}/{resource_type}"
    compartment = _compartment(ctx, owner[0])
    start = resumed(ctx, path, pairs)
    is_any = resource_type == ANY
    named, rest = chosen_types(ctx, start.pairs) if is_any else ((resource_type,), start.pairs)
    types = named or permitted(ctx, members(compartment))
    for each in types:
        ctx.require_type(each)
        if each not in members(compartment):
            raise ResourceNotFound(
                f"{each} is never in the compartment of a {compartment.code}; "
                f"{', '.join(members(compartment))} are."
            )
    holders = ctx.store.holders(*owner)
    extent = Extent(
        types,
        path,
        within={each: condition(compartment, owner[1], each, holders) for each in types},
        used=((TYPE, ",".join(named)),) if is_any and named else (),
        alike=is_any,
        parts=_parts(compartment, owner[1], holders) if is_any else (),
    )
    request = read_request(ctx, extent, replace(start, pairs=tuple(rest)), lenient=lenient)
    return answer(ctx, replace(request, start=start))


def members(compartment: Compartment) -> tuple[str, ...]:
    """Return the types that can be in the compartment; its owner's is one of them."""
    return tuple(sorted({*compartment.parameters, compartment.code}))


def condition(
    compartment: Compartment, owner_id: str, resource_type: str, holders: Sequence[str]
) -> JsonObject:
    """Return what holds for the resources of a type in the compartment of what `holders` hold."""
    codes = compartment.parameters.get(resource_type, ())
    item = {"t": compartment.code, "i": owner_id}
    refers: JsonObject = {"reference": {"$elemMatch": {"p": {"$in": sorted(codes)}} | item}}
    refers |= written_by(holders)
    if resource_type != compartment.code:
        return refers
    return {"$or": [{"id": owner_id}, refers]} if codes else {"id": owner_id}


def _parts(
    compartment: Compartment, owner_id: str, holders: Sequence[str]
) -> tuple[JsonObject, ...]:
    """Return the owner, and what refers to it from whatever type."""
    owner: JsonObject = {"id": owner_id, "type": compartment.code}
    refers: JsonObject = {"reference": {"$elemMatch": {"i": owner_id, "t": compartment.code}}}
    refers |= written_by(holders)
    return (owner, {"$and": [refers, {"$nor": [owner]}]})


def _compartment(ctx: Context, owner_type: str) -> Compartment:
    ctx.require_type(owner_type)
    known = ctx.services.definitions.compartments
    found = known.get(owner_type)
    if found is None:
        raise ResourceNotFound(
            f"{owner_type} has no compartment; {', '.join(sorted(known))} have one."
        )
    return found
