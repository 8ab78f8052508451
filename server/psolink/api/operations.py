"""Operations by URL, at system, type and instance level.

https://hl7.org/fhir/R4/operations.html#executing
"""

from flask import Blueprint, Response, request

from psolink.api.gateway import body, context
from psolink.api.negotiation import FORMATTING, require_acceptable
from psolink.api.responses import to_response
from psolink.errors import MethodNotAllowed, ResourceNotFound
from psolink.interactions.context import Context
from psolink.operations import table
from psolink.operations.parameters import from_query

operations = Blueprint("operations", __name__, url_prefix="/fhir")
operations.before_request(require_acceptable)


@operations.post("/$<name>")
def post_system_operation(name: str) -> Response:
    """Perform an operation on the whole server."""
    return _perform(name, None, None)


@operations.get("/<resource_type>/$<name>")
def get_type_operation(resource_type: str, name: str) -> Response:
    """Perform an operation that changes nothing, with its parameters in the query."""
    ctx = context()
    found = _found(ctx, name, resource_type, None)
    if found.affects_state:
        raise MethodNotAllowed(f"The operation ${name} changes what is stored: use POST.")
    definition = next(
        each for each in ctx.services.definitions.operations if each.url == found.definition
    )
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in FORMATTING]
    return to_response(found.perform(ctx, from_query(definition, pairs), None), ctx.base_url)


@operations.post("/<resource_type>/$<name>")
def post_type_operation(resource_type: str, name: str) -> Response:
    """Perform an operation on a type."""
    return _perform(name, resource_type, None)


@operations.post("/<resource_type>/<resource_id>/$<name>")
def post_instance_operation(resource_type: str, resource_id: str, name: str) -> Response:
    """Perform an operation on a resource."""
    return _perform(name, resource_type, resource_id)


def _perform(name: str, resource_type: str | None, resource_id: str | None) -> Response:
    ctx = context()
    found = _found(ctx, name, resource_type, resource_id)
    return to_response(found.perform(ctx, body(), resource_id), ctx.base_url)


def _found(
    ctx: Context, name: str, resource_type: str | None, resource_id: str | None
) -> table.Operation:
    if resource_type is not None:
        ctx.require_type(resource_type)
    found = table.find(name, resource_type, on_instance=resource_id is not None)
    if found is None:
        raise ResourceNotFound(
            f"There is no operation ${name[:64]} here; /fhir/metadata lists them."
        )
    return found
