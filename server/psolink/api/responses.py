"""From a result to an HTTP response.

https://hl7.org/fhir/R4/http.html#versions
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus

from flask import Response, request

from psolink.api.gateway import gateway
from psolink.api.located import located
from psolink.api.negotiation import answer_format, is_pretty
from psolink.api.preferences import known_versions, returning
from psolink.api.sent_bodies import sent_body
from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.interactions.conditional_read import unless_known
from psolink.interactions.responses import Returning
from psolink.interactions.result import Result
from psolink.outcome import Issue, operation_outcome

_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_LESS_THAN_A_SECOND = timedelta(milliseconds=999)


def to_response(result: Result, base_url: str) -> Response:
    """Return the response with the headers that tell of the version."""
    body = _outcome(result.issues, result.input_at) if result.is_outcome else result.resource
    response = fhir_response(body, result.status)
    if result.stored is not None:
        version = result.stored.version
        response.headers["ETag"] = f'W/"{version}"'
        response.headers["Last-Modified"] = format_datetime(result.stored.updated, usegmt=True)
        if result.is_located:
            reference = result.stored.key.reference
            response.headers["Location"] = f"{base_url}/{reference}/_history/{version}"
    return response


def to_write_response(result: Result, base_url: str) -> Response:
    """Return the response of a write, with as much in it as the client asks for."""
    wanted = returning()
    response = to_response(_preferred(result, wanted), base_url)
    if wanted:
        response.headers["Preference-Applied"] = f"return={wanted}"
    return response


def to_read_response(result: Result, base_url: str) -> Response:
    """Return the response of a read: 304 where the client has the version already."""
    since = request.if_modified_since
    # The header has whole seconds, so that a version of that second counts as known.
    moment = since + _LESS_THAN_A_SECOND if since else None
    return to_response(unless_known(result, known_versions(), moment), base_url)


def failure(error: FhirError) -> Response:
    """Return the OperationOutcome of a failure."""
    response = fhir_response(_outcome(error.issues), error.status)
    response.headers.extend(error.headers)
    return response


def fhir_response(body: JsonObject | None, status: int) -> Response:
    """Return `body` in the format that the client asks for; no cache may keep it."""
    media_type = answer_format()
    content = b"" if body is None else gateway().formats[media_type].render(body, is_pretty())
    response = Response(content, status, content_type=f"{media_type}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if status in _WITHOUT_BODY:
        response.headers.remove("Content-Type")
    return response


def _outcome(issues: Iterable[Issue], at: str | None = None) -> JsonObject:
    return operation_outcome(located(issues, sent_body(), gateway().formats, at=at))


def _preferred(result: Result, wanted: Returning) -> Result:
    match wanted:
        case Returning.MINIMAL:
            return replace(result, resource=None)
        case Returning.OUTCOME:
            status = HTTPStatus.OK if result.status == HTTPStatus.NO_CONTENT else result.status
            return replace(result, status=status, resource=_outcome(result.issues))
        case _:
            return result
