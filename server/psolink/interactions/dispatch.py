"""One entry of a Bundle, performed as if it were a request of its own.

https://hl7.org/fhir/R4/bundle.html#request
"""

from psolink.errors import NotImplementedHere
from psolink.interactions import content
from psolink.interactions.conditional_delete import conditional_delete
from psolink.interactions.conditional_patch import conditional_patch
from psolink.interactions.conditional_read import unless_known
from psolink.interactions.conditional_update import conditional_update
from psolink.interactions.context import Context
from psolink.interactions.create import create
from psolink.interactions.delete import delete
from psolink.interactions.entries import Entry, refuse_operation
from psolink.interactions.history import history, history_of_system, history_of_type
from psolink.interactions.patch import patch
from psolink.interactions.read import read
from psolink.interactions.result import Result
from psolink.interactions.search import search
from psolink.interactions.search_compartment import search_compartment
from psolink.interactions.update import update
from psolink.interactions.vread import vread


def perform(ctx: Context, entry: Entry) -> Result:
    """Return the result of the entry."""
    if entry.is_read and entry.path == ("_history",):
        return history_of_system(ctx, entry.query)
    ctx.require_type(entry.resource_type, at=f"{entry.at}.request.url")
    match entry.method:
        case "POST":
            return create(ctx, entry.resource_type, entry.body, if_none_exist=entry.if_none_exist)
        case "PUT":
            return _put(ctx, entry)
        case "PATCH":
            return _patch(ctx, entry)
        case "DELETE":
            return _delete(ctx, entry)
        case _:
            return unless_known(_get(ctx, entry), entry.condition, entry.if_modified_since)


def _put(ctx: Context, entry: Entry) -> Result:
    target, condition = entry.resource_type, entry.condition
    if entry.id is None:
        return conditional_update(ctx, target, entry.query, entry.body, condition=condition)
    return update(ctx, target, entry.id, entry.body, condition=condition)


def _patch(ctx: Context, entry: Entry) -> Result:
    target, condition = entry.resource_type, entry.condition
    content.check_structure(ctx, entry.body)
    change = ctx.services.patches.of_resource(entry.body, entry.resource_at)
    if entry.id is None:
        return conditional_patch(ctx, target, entry.query, change, condition=condition)
    return patch(ctx, target, entry.id, change, condition=condition)


def _delete(ctx: Context, entry: Entry) -> Result:
    target, condition = entry.resource_type, entry.condition
    if entry.id is None:
        return conditional_delete(ctx, target, entry.query, condition=condition)
    return delete(ctx, target, entry.id, condition=condition)


def _get(ctx: Context, entry: Entry) -> Result:
    refuse_operation(entry)
    match entry.path:
        case (resource_type,):
            return search(ctx, resource_type, entry.query)
        case (resource_type, "_history"):
            return history_of_type(ctx, resource_type, entry.query)
        case (resource_type, resource_id):
            return read(ctx, resource_type, resource_id)
        case (resource_type, resource_id, "_history"):
            return history(ctx, resource_type, resource_id, entry.query)
        case (resource_type, resource_id, "_history", version_id):
            return vread(ctx, resource_type, resource_id, version_id)
        case (owner_type, owner_id, member_type):
            return search_compartment(ctx, (owner_type, owner_id), member_type, entry.query)
        case _:
            raise NotImplementedHere(
                "GET in a Bundle reads, reads a version, searches by type or asks for a history.",
                f"{entry.at}.request.url",
            )
