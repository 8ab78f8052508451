"""Read: the current version of a resource.

https://hl7.org/fhir/R4/http.html#read
"""

from psolink.errors import ResourceGone, ResourceNotFound
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.store.values import Stored


def read(ctx: Context, resource_type: str, resource_id: str) -> Result:
    """Return the resource; 404 where it is unknown or not for this principal, 410 if deleted."""
    found = current(ctx, resource_type, resource_id)
    return Result(200, found.content, found)


def current(ctx: Context, resource_type: str, resource_id: str, *, to: str = "r") -> Stored:
    """Return the current version with its content; `to` is the letter of what it is read for."""
    found = ctx.store.get(resource_type, resource_id, to=to)
    if found is None:
        raise not_found(resource_type, resource_id)
    if found.resource is None:
        raise ResourceGone(f"{resource_type}/{resource_id} was deleted.")
    return found


def not_found(resource_type: str, resource_id: str) -> ResourceNotFound:
    """Return the failure that is the same for unknown and for hidden resources."""
    return ResourceNotFound(f"There is no {resource_type}/{resource_id}.")
