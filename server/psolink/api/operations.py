"""Operations by URL, at system, type and instance level.

https://hl7.org/fhir/R4/operations.html#executing
"""

from flask import Blueprint, Response

from psolink.api.gateway import body, context
from psolink.api.negotiation import require_acceptable
from psolink.api.responses import to_response
from psolink.errors import ResourceNotFound
from psolink.operations import table

operations = Blueprint("operations", __name__, url_prefix="/fhir")
operations.before_request(require_acceptable)


@operations.post("/$<name>")
def post_system_operation(name: str) -> Response:
    """Perform an operation on the whole server."""
    return _perform(name, None, None)


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
    if resource_type is not None:
        ctx.require_type(resource_type)
    found = table.find(name, resource_type, on_instance=resource_id is not None)
    if found is None:
        raise ResourceNotFound(
            f"There is no operation ${name[:64]} here; /fhir/metadata lists them."
        )
    return to_response(found.perform(ctx, body(), resource_id), ctx.base_url)
