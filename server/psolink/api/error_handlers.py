"""Failures become OperationOutcomes, in this one place."""

import logging
import traceback

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed

from psolink.api.responses import failure, fhir_response
from psolink.errors import (
    FhirError,
    InvalidRequest,
    MethodNotAllowed,
    PayloadTooLarge,
    ResourceNotFound,
)
from psolink.outcome import Issue, IssueCode, operation_outcome

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Let `app` answer every failure with an OperationOutcome."""
    app.register_error_handler(FhirError, failure)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, unexpected_error)


def _http_error(error: HTTPException) -> Response:
    match error:
        case NotFound():
            response = failure(ResourceNotFound("There is nothing at this URL; the base is /fhir."))
        case WerkzeugMethodNotAllowed():
            response = failure(MethodNotAllowed("This URL does not take this HTTP method."))
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        case RequestEntityTooLarge():
            response = failure(PayloadTooLarge("The body is larger than this server takes."))
        case _:
            response = failure(InvalidRequest("The request is not well-formed HTTP."))
            response.status_code = error.code or response.status_code
    return response


def unexpected_error(error: Exception) -> Response:
    """Return a response that tells nothing of the cause."""
    # Messages and values may hold patient data: the log gets the type and the places, no more.
    places = traceback.extract_tb(error.__traceback__)
    log.error(
        "request failed: %s at %s",
        type(error).__name__,
        " < ".join(f"{each.name}:{each.lineno}" for each in reversed(places[-6:])),
    )
    issue = Issue(IssueCode.EXCEPTION, "The server failed; nothing was stored by this request.")
    return fhir_response(operation_outcome([issue]), 500)
