"""Batch: independent requests in one Bundle.

https://hl7.org/fhir/R4/http.html#transaction
"""

import logging

from psolink.errors import FhirError, InvalidRequest, Unexpected, places
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.dispatch import perform
from psolink.interactions.entries import Entry, read_entries
from psolink.interactions.responses import (
    Returning,
    error_entry,
    response_bundle,
    result_entry,
)
from psolink.interactions.result import Result
from psolink.store.values import LeaseLost

log = logging.getLogger(__name__)


def batch(ctx: Context, bundle: JsonObject, *, returning: Returning = Returning.DEFAULT) -> Result:
    """Return a batch-response; each entry succeeds or fails by itself, in the order given."""
    check_envelope(ctx, bundle)
    answers = [
        error_entry(each)
        if isinstance(each, FhirError)
        else timely_answer(ctx, each, returning=returning)
        for each in read_entries(bundle)
    ]
    return Result(200, response_bundle("batch-response", answers))


def check_envelope(ctx: Context, bundle: JsonObject) -> None:
    """Raise `InvalidRequest` where the Bundle around the resources is not sound.

    The resources are judged entry by entry.
    """
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


def timely_answer(ctx: Context, entry: Entry, *, returning: Returning) -> JsonObject:
    """Return the answer to one entry, which is refused where those before took all the time."""
    try:
        ctx.require_time(at=entry.at)
    except FhirError as error:
        return error_entry(error)
    return answer(ctx, entry, returning=returning)


def answer(ctx: Context, entry: Entry, *, returning: Returning) -> JsonObject:
    """Return the answer to one entry, whatever becomes of it: others were done before."""
    try:
        result = perform(ctx, entry)
    except FhirError as error:
        return error_entry(error)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 - the answers to the other entries must get out
        log.error("entry failed: %s", places(error))  # noqa: TRY400 - no values in the log
        return error_entry(Unexpected())
    return result_entry(ctx, result, method=entry.method, returning=returning)
