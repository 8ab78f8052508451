"""Batch: independent requests in one Bundle.

https://hl7.org/fhir/R4/http.html#transaction
"""

import logging

from psolink.errors import (
    FhirError,
    InvalidRequest,
    NotImplementedHere,
    Unexpected,
    places,
)
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.create import create
from psolink.interactions.delete import delete
from psolink.interactions.entries import Entry, read_entries
from psolink.interactions.read import read
from psolink.interactions.responses import error_entry, response_bundle, result_entry
from psolink.interactions.result import Result
from psolink.interactions.search import search
from psolink.interactions.update import update
from psolink.interactions.vread import vread

log = logging.getLogger(__name__)


def batch(ctx: Context, bundle: JsonObject, *, with_resources: bool = False) -> Result:
    """Return a batch-response; each entry succeeds or fails by itself, in the order given."""
    _check_envelope(ctx, bundle)
    answers = [
        error_entry(each)
        if isinstance(each, FhirError)
        else answer(ctx, each, with_resources=with_resources)
        for each in read_entries(bundle)
    ]
    return Result(200, response_bundle("batch-response", answers))


def _check_envelope(ctx: Context, bundle: JsonObject) -> None:
    # The resources are judged entry by entry; here only the Bundle around them.
    entries = bundle.get("entry")
    envelope = bundle
    if isinstance(entries, list) and entries:
        envelope = bundle | {"entry": [_without_resource(each) for each in entries]}
    issues = ctx.services.validator.validate(envelope)
    if any(issue.is_error for issue in issues):
        raise InvalidRequest.of(issues)


def _without_resource(entry: object) -> object:
    if not isinstance(entry, dict):
        return entry
    return {name: value for name, value in entry.items() if name != "resource"}


def answer(ctx: Context, entry: Entry, *, with_resources: bool) -> JsonObject:
    """Return the answer to one entry, whatever becomes of it: others were done before."""
    try:
        result = perform(ctx, entry)
    except FhirError as error:
        return error_entry(error)
    except Exception as error:  # noqa: BLE001 - the answers to the other entries must get out
        log.error("entry failed: %s", places(error))  # noqa: TRY400 - no values in the log
        return error_entry(Unexpected())
    return result_entry(ctx, result, with_resource=with_resources or entry.method == "GET")


def perform(ctx: Context, entry: Entry) -> Result:
    """Return the result of one entry as if it were a request of its own."""
    ctx.require_type(entry.resource_type, at=f"{entry.at}.request.url")
    match entry.method:
        case "POST":
            return create(ctx, entry.resource_type, entry.body, if_none_exist=entry.if_none_exist)
        case "PUT":
            return update(
                ctx, entry.resource_type, entry.path[1], entry.body, if_match=entry.if_match
            )
        case "DELETE":
            return delete(ctx, entry.resource_type, entry.path[1], if_match=entry.if_match)
        case _:
            return get(ctx, entry)


def get(ctx: Context, entry: Entry) -> Result:
    """Return the result of a GET: a search, a read or a version read."""
    match entry.path:
        case (resource_type,):
            return search(ctx, resource_type, entry.query)
        case (resource_type, resource_id):
            return read(ctx, resource_type, resource_id)
        case (resource_type, resource_id, "_history", version_id):
            return vread(ctx, resource_type, resource_id, version_id)
        case _:
            raise NotImplementedHere(
                "GET in a Bundle reads, reads a version or searches by type.",
                f"{entry.at}.request.url",
            )
