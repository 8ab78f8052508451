"""Version read: one version of a resource.

https://hl7.org/fhir/R4/http.html#vread
"""

from psolink.errors import ResourceGone, ResourceNotFound
from psolink.interactions.context import Context
from psolink.interactions.result import Result


def vread(ctx: Context, resource_type: str, resource_id: str, version_id: str) -> Result:
    """Return the version; 404 where it is unknown or not for this principal, 410 if it deleted."""
    version = int(version_id) if version_id.isascii() and version_id.isdigit() else 0
    in_range = 0 < version < 2**31
    found = ctx.store.version(resource_type, resource_id, version) if in_range else None
    if found is None:
        raise ResourceNotFound(f"There is no {resource_type}/{resource_id}/_history/{version_id}.")
    if found.resource is None:
        raise ResourceGone(f"Version {version_id} deleted {resource_type}/{resource_id}.")
    return Result(200, found.content, found)
