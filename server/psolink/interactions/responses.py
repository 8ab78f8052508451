"""The entries of a response Bundle.

https://hl7.org/fhir/R4/bundle.html#response
"""

from enum import StrEnum
from http import HTTPStatus

from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.outcome import operation_outcome
from psolink.store.documents import instant


class Returning(StrEnum):
    """What a client wants to get back of its writes: https://hl7.org/fhir/R4/http.html#ops.

    By default a write is answered with the resource, and in a Bundle without it.
    """

    DEFAULT = ""
    MINIMAL = "minimal"
    REPRESENTATION = "representation"
    OUTCOME = "OperationOutcome"


def status_line(status: int) -> str:
    """Return the status as Bundle.entry.response.status has it, such as `201 Created`."""
    return f"{status} {HTTPStatus(status).phrase}"


def result_entry(
    ctx: Context, result: Result, *, method: str, returning: Returning = Returning.DEFAULT
) -> JsonObject:
    """Return the entry for the result of a request with `method`."""
    response: JsonObject = {"status": status_line(result.status)}
    entry: JsonObject = {}
    if result.stored is not None:
        key, version = result.stored.key, result.stored.version
        response["etag"] = f'W/"{version}"'
        response["lastModified"] = instant(result.stored.updated)
        if result.is_located:
            response["location"] = f"{ctx.base_url}/{key.reference}/_history/{version}"
            entry["fullUrl"] = f"{ctx.base_url}/{key.reference}"
    is_write = method not in ("GET", "HEAD")
    if is_write and _tells_outcome(result, returning):
        response["outcome"] = operation_outcome(result.issues)
    shows = returning is Returning.REPRESENTATION if is_write else method == "GET"
    if shows and result.resource is not None:
        entry["resource"] = result.resource
    return entry | {"response": response}


def _tells_outcome(result: Result, returning: Returning) -> bool:
    if returning is Returning.OUTCOME:
        return True
    return bool(result.issues) and returning is not Returning.MINIMAL


def error_entry(error: FhirError) -> JsonObject:
    """Return the entry for one failure."""
    return {
        "response": {
            "status": status_line(error.status),
            "outcome": operation_outcome(error.issues),
        }
    }


def response_bundle(kind: str, entries: list[JsonObject]) -> JsonObject:
    """Return the response Bundle; FHIR knows no empty arrays."""
    bundle: JsonObject = {"resourceType": "Bundle", "type": kind}
    return bundle | ({"entry": entries} if entries else {})
