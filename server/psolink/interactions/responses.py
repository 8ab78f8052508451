"""The entries of a response Bundle.

https://hl7.org/fhir/R4/bundle.html#response
"""

from http import HTTPStatus

from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.outcome import operation_outcome
from psolink.store.documents import instant


def status_line(status: int) -> str:
    """Return the status as Bundle.entry.response.status has it, such as `201 Created`."""
    return f"{status} {HTTPStatus(status).phrase}"


def result_entry(ctx: Context, result: Result, *, with_resource: bool = True) -> JsonObject:
    """Return the entry for one result."""
    response: JsonObject = {"status": status_line(result.status)}
    entry: JsonObject = {}
    if result.stored is not None:
        key, version = result.stored.key, result.stored.version
        response["etag"] = f'W/"{version}"'
        response["lastModified"] = instant(result.stored.updated)
        if result.is_located:
            response["location"] = f"{ctx.base_url}/{key.reference}/_history/{version}"
            entry["fullUrl"] = f"{ctx.base_url}/{key.reference}"
    if result.issues:
        response["outcome"] = operation_outcome(result.issues)
    if with_resource and result.resource is not None:
        entry["resource"] = result.resource
    return entry | {"response": response}


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
