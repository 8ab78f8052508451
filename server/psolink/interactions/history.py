"""History of one resource.

https://hl7.org/fhir/R4/http.html#history
"""

from collections.abc import Sequence

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.paging import link, version_cursor, version_of, window
from psolink.interactions.read import not_found
from psolink.interactions.result import Result
from psolink.store.documents import instant
from psolink.store.values import Stored

Pairs = Sequence[tuple[str, str]]

_STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}


def history(ctx: Context, resource_type: str, resource_id: str, pairs: Pairs = ()) -> Result:
    """Return the visible versions, newest first, page by page, as a Bundle of type history."""
    asked, rest = window(pairs, ctx.services.settings)
    if rest:
        names = ", ".join(sorted({name[:64] for name, _ in rest}))
        raise InvalidRequest(f"The history takes _count, and not {names} yet.")
    below = version_of(asked.cursor) if asked.cursor else None
    found = ctx.store.history(resource_type, resource_id, limit=asked.limit + 1, below=below)
    if not found and below is None:
        raise not_found(resource_type, resource_id)
    page = found[: asked.limit]
    url = f"{ctx.base_url}/{resource_type}/{resource_id}/_history"
    bundle: JsonObject = {
        "resourceType": "Bundle",
        "type": "history",
        "link": [link("self", url, (), asked, asked.cursor)],
    }
    if page:
        bundle["entry"] = [_entry(ctx, each) for each in page]
    if page and len(found) > len(page):
        bundle["link"].append(link("next", url, (), asked, version_cursor(page[-1])))
    elif below is None and page:
        bundle["total"] = len(page)
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
