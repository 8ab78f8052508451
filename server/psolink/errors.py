"""The failures a client can cause or meet, each knowing its HTTP status and issues.

    FhirError
    ├── InvalidRequest         400
    ├── Unauthenticated        401
    ├── Forbidden              403
    ├── ResourceNotFound       404
    ├── MethodNotAllowed       405
    ├── NotAcceptable          406
    ├── Conflict               409
    ├── ResourceGone           410
    ├── PreconditionFailed     412
    ├── PayloadTooLarge        413
    ├── UnsupportedMediaType   415
    ├── Unprocessable          422
    ├── TooCostly              422
    ├── Unexpected             500
    ├── NotImplementedHere     501
    └── Unavailable            503

https://hl7.org/fhir/R4/http.html#Status-Codes
"""

import traceback
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar

from psolink.outcome import Issue, IssueCode


class FhirError(Exception):
    """A failure that is told to the client as an OperationOutcome."""

    status: ClassVar[int] = 500
    code: ClassVar[IssueCode] = IssueCode.EXCEPTION

    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init__(self, diagnostics: str, expression: str | None = None) -> None:
        super().__init__(diagnostics)
        self.issues: list[Issue] = [Issue(self.code, diagnostics, expression)]

    @classmethod
    def of(cls, issues: Iterable[Issue]) -> "FhirError":
        """Return this failure with several issues."""
        error = cls("")
        error.issues = list(issues)
        return error


class InvalidRequest(FhirError):
    """The request itself cannot be understood."""

    status = 400
    code = IssueCode.INVALID


class Unauthenticated(FhirError):
    """There is no valid access token."""

    status = 401
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"WWW-Authenticate": "Bearer"})
    code = IssueCode.LOGIN


class Forbidden(FhirError):
    """The principal may see the target and may not do this to it."""

    status = 403
    code = IssueCode.FORBIDDEN


class ResourceNotFound(FhirError):
    """There is no such resource, or none that the principal may know of."""

    status = 404
    code = IssueCode.NOT_FOUND


class MethodNotAllowed(FhirError):
    """The URL exists and does not take this HTTP method."""

    status = 405
    code = IssueCode.NOT_SUPPORTED


class NotAcceptable(FhirError):
    """The response cannot be rendered as the client asks."""

    status = 406
    code = IssueCode.NOT_SUPPORTED


class Conflict(FhirError):
    """The write contradicts what is stored."""

    status = 409
    code = IssueCode.CONFLICT


class ResourceGone(FhirError):
    """The resource was deleted."""

    status = 410
    code = IssueCode.DELETED


class PreconditionFailed(FhirError):
    """A condition that the client set does not hold."""

    status = 412
    code = IssueCode.CONFLICT


class PayloadTooLarge(FhirError):
    """The body is larger than the server takes."""

    status = 413
    code = IssueCode.TOO_LONG


class UnsupportedMediaType(FhirError):
    """The body is in a format that the server does not read."""

    status = 415
    code = IssueCode.NOT_SUPPORTED


class Unprocessable(FhirError):
    """The body was read and breaks the rules of FHIR, a profile or the server."""

    status = 422
    code = IssueCode.PROCESSING


class TooCostly(FhirError):
    """The request would take more than the server gives to one request."""

    status = 422
    code = IssueCode.TOO_COSTLY


class Unexpected(FhirError):
    """The server failed; the client learns nothing of the cause."""

    def __init__(self) -> None:
        super().__init__("The server failed on this request.")


class NotImplementedHere(FhirError):
    """FHIR defines this and the server does not do it."""

    status = 501
    code = IssueCode.NOT_SUPPORTED


class Unavailable(FhirError):
    """The server cannot do this now; trying again later may help."""

    status = 503
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"Retry-After": "2"})
    code = IssueCode.TRANSIENT


def places(error: BaseException) -> str:
    """Return the type of an error and where it came from, for a log.

    Never its message or a value: they may hold patient data.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " < ".join(
        [type(error).__name__, *(f"{each.name}:{each.lineno}" for each in reversed(frames))]
    )
