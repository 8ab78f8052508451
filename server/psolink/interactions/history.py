"""History of one resource.

https://hl7.org/fhir/R4/http.html#history
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.read import not_found
from psolink.interactions.result import Result
from psolink.store.documents import instant
from psolink.store.values import Stored

_STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}


def history(ctx: Context, resource_type: str, resource_id: str) -> Result:
    """Return the visible versions, newest first, as a Bundle of type history."""
    limit = ctx.services.settings.max_count
    versions = ctx.store.history(resource_type, resource_id, limit=limit)
    if not versions:
        raise not_found(resource_type, resource_id)
    url = f"{ctx.base_url}/{resource_type}/{resource_id}"
    bundle: JsonObject = {
        "resourceType": "Bundle",
        "type": "history",
        "link": [{"relation": "self", "url": f"{url}/_history"}],
        "entry": [_entry(ctx, each) for each in versions],
    }
    if len(versions) < limit:
        bundle["total"] = len(versions)
    return Result(200, bundle)


def _entry(ctx: Context, version: Stored) -> JsonObject:
    reference = version.key.reference
    created = version.method == "PUT" and version.version == 1
    entry: JsonObject = {
        "fullUrl": f"{ctx.base_url}/{reference}",
        "request": {
            "method": version.method,
            "url": version.key.type if version.method == "POST" else reference,
        },
        "response": {
            "status": "201 Created" if created else _STATUS[version.method],
            "etag": f'W/"{version.version}"',
            "lastModified": instant(version.updated),
        },
    }
    if version.resource is not None:
        entry["resource"] = version.resource
    return entry
