"""Operations by URL, at system, type and instance level.

https://hl7.org/fhir/R4/operations.html#executing
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from flask import Blueprint, Response, request

from psolink.api.gateway import body, context
from psolink.api.negotiation import FORMATTING, require_acceptable
from psolink.api.responses import to_response
from psolink.errors import MethodNotAllowed, ResourceNotFound
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.operations import table
from psolink.operations.called import Called, no_parameters
from psolink.operations.parameters import from_query, joined
from psolink.operations.table import Level

operations = Blueprint("operations", __name__, url_prefix="/fhir")
operations.before_request(require_acceptable)

_METHODS = ["GET", "POST"]


class _PostOnly(MethodNotAllowed):
    """The operation changes something, and a GET must not."""

    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"Allow": "POST"})


@operations.route("/$<name>", methods=_METHODS)
def system_operation(name: str) -> Response:
    """Perform an operation on the whole server."""
    return _perform(name, Level.SYSTEM)


@operations.route("/<resource_type>/$<name>", methods=_METHODS)
def type_operation(resource_type: str, name: str) -> Response:
    """Perform an operation on a type."""
    return _perform(name, Level.TYPE, resource_type)


@operations.route("/<resource_type>/<resource_id>/$<name>", methods=_METHODS)
def instance_operation(resource_type: str, resource_id: str, name: str) -> Response:
    """Perform an operation on a resource."""
    return _perform(name, Level.INSTANCE, resource_type, resource_id)


def _perform(
    name: str, level: Level, resource_type: str | None = None, resource_id: str | None = None
) -> Response:
    ctx = context()
    if resource_type is not None:
        ctx.require_type(resource_type)
    found = table.find(name, level, resource_type)
    if found is None:
        raise ResourceNotFound(
            f"There is no operation ${name[:64]} here; /fhir/metadata lists them."
        )
    is_safe = request.method != "POST"
    if is_safe and found.affects_state:
        raise _PostOnly(f"The operation ${name} changes what is stored: use POST.")
    sent, query = _sent(ctx, found)
    called = Called(resource_type, resource_id, query, is_safe=is_safe)
    return to_response(found.perform(ctx, sent, called), ctx.base_url)


def _sent(ctx: Context, operation: table.Operation) -> tuple[JsonObject, JsonObject]:
    """Return the body, and the parameters of the query that are not part of it."""
    operations = ctx.services.definitions.operations
    definition = next((each for each in operations if each.url == operation.definition), None)
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in FORMATTING]
    query = from_query(definition.parameter if definition else (), pairs)
    if request.method != "POST" or not request.get_data():
        return query, no_parameters()
    sent = body()
    if sent.get("resourceType") != "Parameters":
        return sent, query
    return joined(sent, query), no_parameters()
