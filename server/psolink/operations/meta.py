"""`$meta`: the profiles, tags and security labels of a resource, a type or the whole server.

https://hl7.org/fhir/R4/resource-operation-meta.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.read import current
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.meta_labels import LABELS, PROFILE, distinct, returned
from psolink.operations.parameters import read_parameters


def meta(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the meta of the resource, or the labels of all resources that the client may read."""
    read_parameters(ctx, body, frozenset())
    if called.resource_type is not None and called.resource_id is not None:
        found = current(ctx, called.resource_type, called.resource_id)
        return returned(found.content["meta"], found)
    types = (
        [called.resource_type] if called.resource_type else ctx.services.definitions.resource_types
    )
    found_labels: JsonObject = {}
    for name in (PROFILE, *LABELS):
        if values := distinct(ctx.store.labels(types, name)):
            found_labels[name] = values
    return returned(found_labels)
