"""Conditional update: write to the one resource that matches search criteria.

https://hl7.org/fhir/R4/http.html#cond-update
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psolink.errors import Conflict, InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions import conditional_create, content
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.preconditions import UNCONDITIONAL, Precondition
from psolink.interactions.result import Result
from psolink.interactions.update import check_id, put_for, updated
from psolink.store.values import Put, Reservation, Stored

Criteria = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Target:
    """What a conditional update writes to.

    `current` is the version to replace, None where there is none. `is_assigned` says that the
    server chose the id, as for a create.
    """

    id: str
    current: Stored | None = None
    is_assigned: bool = False
    reservations: tuple[Reservation, ...] = ()


def conditional_update(
    ctx: Context,
    resource_type: str,
    criteria: Criteria,
    body: JsonObject,
    *,
    condition: Precondition = UNCONDITIONAL,
) -> Result:
    """Create on no match, update on one, refuse on many."""
    content.check_type(resource_type, body)
    issues = content.check_structure(ctx, body)

    def attempt() -> Result:
        target = find_target(ctx, resource_type, criteria, body)
        put = put_on(ctx, target, body | {"id": target.id}, condition=condition)
        return updated(ctx, put, target.current, issues)

    return until_current(attempt)


def find_target(
    ctx: Context,
    resource_type: str,
    criteria: Criteria,
    body: JsonObject,
    *,
    without: frozenset[str] = frozenset(),
    at: str | None = None,
) -> Target:
    """Return what the criteria and the id of the body come to; ids in `without` count as deleted."""
    path = f"{at or body['resourceType']}.id"
    said = body.get("id")
    if said is not None:
        check_id(said, body, at=at)
    match = conditional_create.match(ctx, resource_type, criteria, without=without)
    if match.found:
        found = match.found.key.id
        if said not in (None, found):
            raise InvalidRequest(
                f"The criteria match {resource_type}/{found}, and the body has the id {said!r}; "
                "leave the id out, or make it the same.",
                path,
            )
        return Target(found, match.found)
    if said is None:
        return Target(ctx.services.new_id(), is_assigned=True, reservations=match.reservations)
    current = ctx.store.get(resource_type, said, to="u")
    if current is not None and current.resource is not None:
        raise Conflict(
            f"There is a {resource_type}/{said} that the criteria do not match; "
            "leave the id out, or update it by its id.",
            path,
        )
    return Target(said, current, reservations=match.reservations)


def put_on(
    ctx: Context,
    target: Target,
    resource: JsonObject,
    *,
    condition: Precondition,
    at: str | None = None,
) -> Put:
    """Return the write of `resource`, which holds only while nobody else creates what matches."""
    put = put_for(
        ctx,
        resource,
        target.current,
        condition=condition,
        at=at,
        may_create=target.is_assigned,
    )
    return replace(put, reservations=(*put.reservations, *target.reservations))
