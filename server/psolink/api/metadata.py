"""What the server says of itself: open to everyone, and made once.

https://hl7.org/fhir/R4/http.html#capabilities
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from flask import Blueprint, Response, request

from psolink.api.negotiation import Formats, asked_format, is_pretty
from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject

_NOT_MODIFIED = 304
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Rendered:
    content: bytes
    etag: str


class Statements:
    """Statements by name, rendered at the first question for each format."""

    def __init__(self, makers: Mapping[str, Callable[[], JsonObject]], formats: Formats) -> None:
        self._makers = makers
        self._formats = formats
        self._rendered: dict[tuple[str, str, bool], _Rendered] = {}

    def names(self) -> list[str]:
        """Return what there are statements of."""
        return list(self._makers)

    def rendered(self, name: str, media_type: str, *, pretty: bool = False) -> _Rendered:
        """Return a statement as bytes, with the tag of its content."""
        key = (name, media_type, pretty)
        found = self._rendered.get(key)
        if found is None:
            content = self._formats[media_type].render(self._makers[name](), pretty)
            found = _Rendered(content, sha256(content).hexdigest()[:32])
            self._rendered[key] = found
        return found


def metadata_routes(statements: Statements, description: Statements) -> Blueprint:
    """Return the routes of the statements, by `mode`, and of the one OpenAPI description."""
    routes = Blueprint("metadata", __name__)

    @routes.get("/fhir/metadata")
    def metadata() -> Response:
        """Return the CapabilityStatement, or the TerminologyCapabilities."""
        mode = request.args.get("mode", "full")
        if mode not in statements.names():
            known = ", ".join(statements.names())
            raise InvalidRequest(f"The mode is one of {known}, and not {mode[:64]!r}.", "mode")
        media_type = asked_format()
        return _response(statements.rendered(mode, media_type, pretty=is_pretty()), media_type)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        """Return the OpenAPI description."""
        [name] = description.names()
        return _response(description.rendered(name, JSON), JSON)

    return routes


def _response(rendered: _Rendered, media_type: str) -> Response:
    response = Response(rendered.content, content_type=f"{media_type}; charset=utf-8")
    if request.if_none_match.contains_weak(rendered.etag):
        response = Response(status=_NOT_MODIFIED)
        del response.headers["Content-Type"]
    response.set_etag(rendered.etag, weak=True)
    # It changes with a release or a setting: whoever keeps it asks whether it is still so.
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept"
    return response
