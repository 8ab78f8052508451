"""Delete: a version that says the resource is gone; its history stays.

https://hl7.org/fhir/R4/http.html#delete
"""

from psolink.errors import Conflict
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.integrity import checked, remarks_on_delete
from psolink.interactions.preconditions import UNCONDITIONAL, Precondition
from psolink.interactions.read import not_found
from psolink.interactions.result import Result
from psolink.interactions.save import is_shared, require_owner
from psolink.pswp import lifecycle
from psolink.store.values import Delete, Stored


def delete(
    ctx: Context,
    resource_type: str,
    resource_id: str,
    *,
    condition: Precondition = UNCONDITIONAL,
) -> Result:
    """Delete the resource; deleting a deleted one again changes nothing."""

    def attempt() -> Result:
        current = ctx.store.get(resource_type, resource_id, to="d")
        if current is None:
            raise not_found(resource_type, resource_id)
        condition.require(current)
        if current.resource is None:
            return Result(204, None, current)
        [write] = checked(ctx, [delete_of(ctx, current)])
        remarks = remarks_on_delete(ctx, write)
        [stored] = ctx.store.commit([write], now=ctx.services.now())
        return Result(204, None, stored, issues=remarks)

    return until_current(attempt)


def delete_of(ctx: Context, current: Stored) -> Delete:
    """Return the write that deletes `current`; raise where it must be kept."""
    require_owner(ctx, current)
    if not lifecycle.may_delete(current.content) or is_shared(current):
        raise Conflict("What was reported stays reported (42 CFR 3.20): it cannot be deleted.")
    return Delete(current.key, current.access, current.version)
