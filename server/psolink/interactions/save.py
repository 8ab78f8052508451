"""Turn content that was judged good into a write: labels, identity, values to search by."""

from datetime import datetime

from psolink.errors import Forbidden
from psolink.fhir_json import JsonObject
from psolink.interactions import content, profiles
from psolink.interactions.context import Context
from psolink.interactions.search_parameter_rules import require_usable
from psolink.pswp import intake
from psolink.store.values import EVERYONE, Key, Put, Reservation, Stored


def new_put(
    ctx: Context,
    resource: JsonObject,
    *,
    now: datetime,
    method: str = "POST",
    reservations: tuple[Reservation, ...] = (),
    at: str | None = None,
) -> Put:
    """Return the write of a resource that has its id and was not stored before."""
    labelled = intake.label_new(resource, ctx.party, now=now)
    path = at or resource["resourceType"]
    require_usable(ctx, resource, at=path)
    remarks = profiles.enforce(ctx, labelled.resource, at=path)
    return Put(
        key=Key(ctx.tenant, resource["resourceType"], resource["id"]),
        resource=labelled.resource,
        access=labelled.access,
        index=ctx.index_of(labelled.resource, labelled.access),
        if_version=0,
        method=method,
        reservations=reservations,
        remarks=remarks,
    )


def next_put(ctx: Context, resource: JsonObject, current: Stored, *, at: str | None = None) -> Put:
    """Return the write of the next version of `current`, with the labels that it has."""
    labels_of = last_content(ctx, current)
    path = at or resource["resourceType"]
    content.refuse([], list(intake.check_update(resource, labels_of.content, at=path)))
    labelled = intake.label_update(resource, labels_of.content, current.access)
    require_usable(ctx, resource, at=path, current=current)
    remarks = profiles.enforce(ctx, labelled.resource, at=path)
    return Put(
        key=current.key,
        resource=labelled.resource,
        access=labelled.access,
        index=ctx.index_of(labelled.resource, labelled.access),
        if_version=current.version,
        method="PUT",
        remarks=remarks,
    )


def last_content(ctx: Context, current: Stored) -> Stored:
    """Return the latest version with content: deleting does not end what a label says."""
    if current.resource is not None:
        return current
    before = ctx.store.version(current.key.type, current.key.id, current.version - 1)
    if before is None or before.resource is None:
        raise Forbidden("The last content of this resource is not visible to the client.")
    return before


def require_owner(ctx: Context, current: Stored) -> None:
    """Raise `Forbidden` where the principal reads `current` as a holder and did not write it."""
    if current.key.tenant == EVERYONE:
        raise Forbidden(
            f"{current.key.reference} is a definition that this server publishes, which no client "
            "changes: store yours under another id."
        )
    if current.key.tenant != ctx.tenant:
        raise Forbidden(
            "Only the organization that wrote this resource may change it; you hold it."
        )


def is_shared(stored: Stored) -> bool:
    """Tell whether another organization holds this version too."""
    return any(holder != stored.key.tenant for holder in stored.access.holders)
