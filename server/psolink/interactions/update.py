"""Update: the next version of a resource, or its first under an id of the client's choice.

https://hl7.org/fhir/R4/http.html#update
"""

from psolink.errors import Conflict, InvalidRequest, MethodNotAllowed
from psolink.fhir_json import LOGICAL_ID, JsonObject
from psolink.interactions import content
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.integrity import checked
from psolink.interactions.preconditions import UNCONDITIONAL, Precondition
from psolink.interactions.result import Result
from psolink.interactions.save import (
    is_shared,
    new_put,
    next_put,
    require_owner,
)
from psolink.outcome import Issue
from psolink.store.values import Put, Stored, VersionConflict


def update(
    ctx: Context,
    resource_type: str,
    resource_id: str,
    body: JsonObject,
    *,
    condition: Precondition = UNCONDITIONAL,
) -> Result:
    """Store `body` as the next version, or as the first one where there is none."""
    content.check_type(resource_type, body)
    check_id(resource_id, body)
    issues = content.check_structure(ctx, body)

    def attempt() -> Result:
        current = ctx.store.get(resource_type, resource_id, to="u")
        put = put_for(ctx, body, current, condition=condition)
        return updated(ctx, put, current, issues)

    return until_current(attempt)


def updated(ctx: Context, put: Put, before: Stored | None, issues: tuple[Issue, ...]) -> Result:
    """Store the next version; 201 says that it created a resource or brought it back."""
    [write] = checked(ctx, [put])
    [stored] = ctx.store.commit([write], now=ctx.services.now())
    issues = (*issues, *write.remarks)
    created = before is None or before.resource is None
    return Result(201 if created else 200, stored.content, stored, is_located=True, issues=issues)


def put_for(
    ctx: Context,
    body: JsonObject,
    current: Stored | None,
    *,
    condition: Precondition = UNCONDITIONAL,
    at: str | None = None,
    may_create: bool = False,
) -> Put:
    """Return the write of `body` over `current`, or of a new resource where there is none.

    `may_create` says that the server chose the id, so that no setting stands against it.
    """
    condition.require(current)
    if current is not None:
        require_owner(ctx, current)
        if current.key.type == "Provenance" and is_shared(current):
            raise Conflict("This Provenance is evidence that another organization holds; it stays.")
        return next_put(ctx, body, current, at=at)
    if not (may_create or ctx.services.settings.update_as_create):
        raise MethodNotAllowed(
            "There is no such resource, and this server does not let clients choose ids: use POST."
        )
    path = at or body["resourceType"]
    content.refuse([], content.rules_for_new(ctx, body, (), at=path))
    _require_free_id(ctx, body["resourceType"], body["id"])
    return new_put(ctx, body, now=ctx.services.now(), method="PUT", at=path)


def _require_free_id(ctx: Context, resource_type: str, resource_id: str) -> None:
    """Raise `Conflict` where the id is taken by what this client may not see.

    If the resource is not to be seen after it was found to be there, it never will be, and trying
    again would not help.
    """
    if ctx.store.holding(ctx.tenant, resource_type, resource_id) is None:
        return
    if ctx.store.get(resource_type, resource_id, to="u") is not None:
        raise VersionConflict("the resource was created meanwhile")
    raise Conflict("The resource cannot be stored under this id; let the server assign one.")


def check_id(resource_id: str, body: JsonObject, *, at: str | None = None) -> None:
    """Raise `InvalidRequest` where the id is not allowed or differs between URL and body."""
    path = f"{at or body['resourceType']}.id"
    if not LOGICAL_ID.fullmatch(resource_id):
        raise InvalidRequest(
            "An id has 1 to 64 characters of A-Z, a-z, 0-9, '-' and '.'; choose another one.", path
        )
    if body.get("id") != resource_id:
        raise InvalidRequest(
            f"The URL says id {resource_id!r}; the body must carry the same id, and has "
            f"{body.get('id')!r}.",
            path,
        )
