"""Failures become OperationOutcomes, in this one place."""

import logging

from flask import Flask, Response
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed

from psolink.api.responses import failure
from psolink.errors import (
    FhirError,
    InvalidRequest,
    MethodNotAllowed,
    PayloadTooLarge,
    ResourceNotFound,
    Unexpected,
    places,
)

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
        case ClientDisconnected():
            response = failure(
                InvalidRequest(
                    "The body does not come as its headers say: it stops early, or its chunks are "
                    "malformed. Send the request again."
                )
            )
        case RequestEntityTooLarge():
            response = failure(PayloadTooLarge("The body is larger than this server takes."))
        case _:
            response = failure(InvalidRequest("The request is not well-formed HTTP."))
            response.status_code = error.code or response.status_code
    return response


def unexpected_error(error: Exception) -> Response:
    """Return a response that tells nothing of the cause."""
    log.error("request failed: %s", places(error))
    return failure(Unexpected())
