"""`$reindex-status`: how far a SearchParameter of the organization is built."""

from psolink.errors import ResourceNotFound
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.read import current
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.parameters import read_parameters
from psolink.search.stored_parameters import TYPE


def reindex_status(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the state, and how many resources of how many were looked at."""
    read_parameters(ctx, body, frozenset())
    found = current(ctx, TYPE, called.resource_id or "")
    if found.key.tenant != ctx.tenant:
        raise ResourceNotFound(
            "This SearchParameter is none of your organization's: there is nothing to build."
        )
    progress = ctx.services.stored_parameters.progress(ctx.tenant, found.content)
    parameters = [
        {"name": "state", "valueCode": progress.state},
        {"name": "seen", "valueInteger": progress.seen},
        {"name": "total", "valueInteger": progress.total},
    ]
    return Result(200, {"resourceType": "Parameters", "parameter": parameters})
