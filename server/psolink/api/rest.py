"""The interactions by URL and method.

https://hl7.org/fhir/R4/http.html#summary
"""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request

from psolink.api import asynchronous, preferences
from psolink.api.gateway import body, context
from psolink.api.negotiation import FORM, FORMATTING, is_fhir, require_acceptable
from psolink.api.responses import (
    fhir_response,
    to_read_response,
    to_response,
    to_write_response,
)
from psolink.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from psolink.fhir_json import JsonObject
from psolink.interactions import (
    batch,
    conditional_delete,
    conditional_patch,
    conditional_update,
    content,
    create,
    delete,
    history,
    patch,
    read,
    search,
    subset,
    transaction,
    update,
    vread,
)
from psolink.interactions.context import Context
from psolink.interactions.patching import Patch
from psolink.interactions.result import Result
from psolink.interactions.search_compartment import search_compartment
from psolink.interactions.search_system import search_system

rest = Blueprint("rest", __name__, url_prefix="/fhir")
rest.before_request(require_acceptable)


@rest.post("")
@rest.post("/")
def post_system() -> Response:
    """Batch or transaction."""
    ctx = context()
    bundle, returning = body(), preferences.returning()
    _check_bundle(ctx, bundle)
    if preferences.preference("respond-async") is not None:
        return asynchronous.accepted(ctx, bundle, returning)
    perform = transaction.transaction if bundle["type"] == "transaction" else batch.batch
    return to_response(perform(ctx, bundle, returning=returning), ctx.base_url)


@rest.get("")
@rest.get("/")
def get_system() -> Response:
    """Search in several types."""
    return _searched(partial(search_system, context()), _criteria())


@rest.post("/_search")
def post_system_search() -> Response:
    """Search in several types with the parameters in a form."""
    return _searched(partial(search_system, context()), _form())


@rest.post("/<resource_type>")
def post_type(resource_type: str) -> Response:
    """Create."""
    ctx = _typed(resource_type)
    condition = preferences.if_none_exist(_criteria())
    return to_write_response(
        create.create(ctx, resource_type, body(), if_none_exist=condition), ctx.base_url
    )


@rest.get("/<resource_type>")
def get_type(resource_type: str) -> Response:
    """Search by type."""
    return _searched(partial(search.search, _typed(resource_type), resource_type), _criteria())


@rest.post("/<resource_type>/_search")
def post_search(resource_type: str) -> Response:
    """Search by type with the parameters in a form."""
    return _searched(partial(search.search, _typed(resource_type), resource_type), _form())


@rest.get("/<resource_type>/<resource_id>/<member_type>")
def get_compartment(resource_type: str, resource_id: str, member_type: str) -> Response:
    """Search in a compartment."""
    owner = (resource_type, resource_id)
    return _searched(partial(search_compartment, context(), owner, member_type), _criteria())


@rest.post("/<resource_type>/<resource_id>/<member_type>/_search")
def post_compartment_search(resource_type: str, resource_id: str, member_type: str) -> Response:
    """Search in a compartment with the parameters in a form."""
    owner = (resource_type, resource_id)
    return _searched(partial(search_compartment, context(), owner, member_type), _form())


@rest.get("/<resource_type>/<resource_id>")
def get_instance(resource_type: str, resource_id: str) -> Response:
    """Read."""
    ctx = _typed(resource_type)
    result = read.read(ctx, resource_type, resource_id)
    return to_read_response(
        subset.shown(ctx, result, list(request.args.items(multi=True))), ctx.base_url
    )


@rest.put("/<resource_type>/<resource_id>")
def put_instance(resource_type: str, resource_id: str) -> Response:
    """Update."""
    ctx = _typed(resource_type)
    condition = preferences.condition()
    result = update.update(ctx, resource_type, resource_id, body(), condition=condition)
    return to_write_response(result, ctx.base_url)


@rest.put("/<resource_type>")
def put_type(resource_type: str) -> Response:
    """Conditional update."""
    ctx = _typed(resource_type)
    result = conditional_update.conditional_update(
        ctx, resource_type, _criteria(), body(), condition=preferences.condition()
    )
    return to_write_response(result, ctx.base_url)


@rest.patch("/<resource_type>/<resource_id>")
def patch_instance(resource_type: str, resource_id: str) -> Response:
    """Patch."""
    ctx = _typed(resource_type)
    condition = preferences.condition()
    result = patch.patch(ctx, resource_type, resource_id, _change(ctx), condition=condition)
    return to_write_response(result, ctx.base_url)


@rest.patch("/<resource_type>")
def patch_type(resource_type: str) -> Response:
    """Conditional patch."""
    ctx = _typed(resource_type)
    result = conditional_patch.conditional_patch(
        ctx, resource_type, _criteria(), _change(ctx), condition=preferences.condition()
    )
    return to_write_response(result, ctx.base_url)


@rest.delete("/<resource_type>/<resource_id>")
def delete_instance(resource_type: str, resource_id: str) -> Response:
    """Delete."""
    ctx = _typed(resource_type)
    condition = preferences.condition()
    result = delete.delete(ctx, resource_type, resource_id, condition=condition)
    return to_write_response(result, ctx.base_url)


@rest.delete("/<resource_type>")
def delete_type(resource_type: str) -> Response:
    """Conditional delete."""
    ctx = _typed(resource_type)
    result = conditional_delete.conditional_delete(
        ctx, resource_type, _criteria(), condition=preferences.condition()
    )
    return to_write_response(result, ctx.base_url)


@rest.get("/<resource_type>/<resource_id>/_history")
def get_history(resource_type: str, resource_id: str) -> Response:
    """History of one resource."""
    ctx = _typed(resource_type)
    lenient = preferences.wants_lenient()
    result = history.history(ctx, resource_type, resource_id, _criteria(), lenient=lenient)
    return to_response(result, ctx.base_url)


@rest.get("/<resource_type>/_history")
def get_type_history(resource_type: str) -> Response:
    """History of all resources of a type."""
    ctx = _typed(resource_type)
    lenient = preferences.wants_lenient()
    result = history.history_of_type(ctx, resource_type, _criteria(), lenient=lenient)
    return to_response(result, ctx.base_url)


@rest.get("/_history")
def get_system_history() -> Response:
    """History of all resources."""
    ctx = context()
    lenient = preferences.wants_lenient()
    result = history.history_of_system(ctx, _criteria(), lenient=lenient)
    return to_response(result, ctx.base_url)


@rest.get("/<resource_type>/<resource_id>/_history/<version_id>")
def get_version(resource_type: str, resource_id: str, version_id: str) -> Response:
    """Version read."""
    ctx = _typed(resource_type)
    return to_read_response(vread.vread(ctx, resource_type, resource_id, version_id), ctx.base_url)


def _typed(resource_type: str) -> Context:
    ctx = context()
    ctx.require_type(resource_type)
    return ctx


def _change(ctx: Context) -> Patch:
    """Return the patch in the body of this request; FHIR content is a FHIRPath Patch."""
    if not is_fhir(request.mimetype):
        return ctx.services.patches.read(request.mimetype, request.get_data(cache=False))
    resource = body()
    content.check_structure(ctx, resource)
    return ctx.services.patches.of_resource(resource, resource["resourceType"])


def _criteria() -> list[tuple[str, str]]:
    return _without_formatting(list(request.args.items(multi=True)))


def _without_formatting(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if name not in FORMATTING]


def _form() -> list[tuple[str, str]]:
    """Return the criteria of the URL and of the form in the body."""
    if request.mimetype != FORM:
        raise UnsupportedMediaType(f"A search by POST takes its parameters as {FORM}.")
    return [*_criteria(), *_without_formatting(list(request.form.items(multi=True)))]


def _searched(perform: Callable[..., Result], criteria: list[tuple[str, str]]) -> Response:
    result = perform(criteria, lenient=preferences.wants_lenient())
    return fhir_response(result.resource, result.status)


def _check_bundle(ctx: Context, bundle: JsonObject) -> None:
    """Raise where the body is nothing that the base takes."""
    if bundle.get("resourceType") != "Bundle":
        raise InvalidRequest(
            "The base takes a Bundle of type batch or transaction; send other resources to /Type.",
            "resourceType",
        )
    limit = ctx.services.settings.max_entries
    entries = bundle.get("entry", [])
    if isinstance(entries, list) and len(entries) > limit:
        raise PayloadTooLarge(f"A Bundle may have {limit} entries, and this has {len(entries)}.")
    if bundle.get("type") not in ("transaction", "batch"):
        raise InvalidRequest(
            f"Bundle.type must be batch or transaction here, and is {bundle.get('type')!r}.",
            "Bundle.type",
        )
