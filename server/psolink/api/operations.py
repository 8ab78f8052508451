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
from psolink.operations.called import Called
from psolink.operations.parameters import from_query

operations = Blueprint("operations", __name__, url_prefix="/fhir")
operations.before_request(require_acceptable)


@operations.get("/$<name>")
@operations.get("/<resource_type>/$<name>")
@operations.get("/<resource_type>/<resource_id>/$<name>")
def get_operation(
    name: str, resource_type: str | None = None, resource_id: str | None = None
) -> Response:
    """Perform an operation that changes nothing, with its parameters in the query."""
    ctx = context()
    found = _found(ctx, name, resource_type, resource_id)
    if found.affects_state:
        raise MethodNotAllowed(f"The operation ${name} changes what is stored: use POST.")
    called = _called(ctx, found, resource_type, resource_id)
    return to_response(found.perform(ctx, called.query, called), ctx.base_url)


@operations.post("/$<name>")
@operations.post("/<resource_type>/$<name>")
@operations.post("/<resource_type>/<resource_id>/$<name>")
def post_operation(
    name: str, resource_type: str | None = None, resource_id: str | None = None
) -> Response:
    """Perform an operation with the Parameters, or the one resource that it takes, in the body."""
    ctx = context()
    found = _found(ctx, name, resource_type, resource_id)
    called = _called(ctx, found, resource_type, resource_id)
    return to_response(found.perform(ctx, body(), called), ctx.base_url)


def _called(
    ctx: Context,
    operation: table.Operation,
    resource_type: str | None,
    resource_id: str | None,
) -> Called:
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in FORMATTING]
    known = {each.url: each for each in ctx.services.definitions.operations}
    definition = known.get(operation.definition)
    if definition is None:
        return Called(resource_type, resource_id)
    return Called(resource_type, resource_id, from_query(definition, pairs))


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
