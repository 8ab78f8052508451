"""From a result to an HTTP response.

https://hl7.org/fhir/R4/http.html#versions
"""

from email.utils import format_datetime

from flask import Response, request

from psolink.api.gateway import gateway
from psolink.api.negotiation import answer_format, is_pretty
from psolink.api.preferences import has_current_version, preference
from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.interactions.result import Result
from psolink.outcome import operation_outcome

_NOT_MODIFIED = 304
_NO_CONTENT = 204


def to_response(result: Result, base_url: str) -> Response:
    """Return the response with the headers that tell of the version."""
    response = fhir_response(_body(result), result.status)
    if result.stored is not None:
        version = result.stored.version
        response.headers["ETag"] = f'W/"{version}"'
        response.headers["Last-Modified"] = format_datetime(result.stored.updated, usegmt=True)
        if result.is_located:
            reference = result.stored.key.reference
            response.headers["Location"] = f"{base_url}/{reference}/_history/{version}"
    return response


def to_read_response(result: Result, base_url: str) -> Response:
    """Return the response of a read: 304 where the client has the version already."""
    if result.stored is not None and has_current_version(result.stored.version):
        response = to_response(Result(_NOT_MODIFIED, None, result.stored), base_url)
        response.headers.remove("Content-Type")
        return response
    return to_response(result, base_url)


def failure(error: FhirError) -> Response:
    """Return the OperationOutcome of a failure."""
    response = fhir_response(operation_outcome(error.issues), error.status)
    response.headers.extend(error.headers)
    return response


def fhir_response(body: JsonObject | None, status: int) -> Response:
    """Return `body` in the format that the client asks for; no cache may keep it."""
    media_type = answer_format()
    content = b"" if body is None else gateway().formats[media_type].render(body, is_pretty())
    response = Response(content, status, content_type=f"{media_type}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if status == _NO_CONTENT:
        response.headers.remove("Content-Type")
    return response


def _body(result: Result) -> JsonObject | None:
    if not (result.is_located and request.method in ("POST", "PUT")):
        return result.resource
    match preference("return"):
        case "minimal":
            return None
        case "OperationOutcome":
            return operation_outcome(result.issues)
        case _:
            return result.resource
