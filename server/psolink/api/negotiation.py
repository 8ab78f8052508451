"""Formats: what the client sends and what it asks for.

https://hl7.org/fhir/R4/http.html#mime-type
"""

from flask import request
from werkzeug.http import parse_options_header

from psolink.errors import InvalidRequest, NotAcceptable, UnsupportedMediaType
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse
from psolink.settings import Settings

FHIR_JSON = "application/fhir+json"
_JSON = (FHIR_JSON, "application/json", "text/json", "json")
_TAKEN = {*_JSON, "*/*", "application/*"}
FORM = "application/x-www-form-urlencoded"


def read_body(settings: Settings) -> JsonObject:
    """Return the JSON resource of this request."""
    require_json_content()
    data = request.get_data(cache=False)
    if not data:
        raise InvalidRequest("The body is empty; a FHIR resource in JSON is expected.")
    return parse(
        data, limits=JsonLimits(max_bytes=settings.max_body_bytes, max_depth=settings.max_depth)
    )


def require_json_content() -> None:
    """Raise `UnsupportedMediaType` where the body says that it is something else than JSON."""
    mime, options = parse_options_header(request.headers.get("Content-Type", ""))
    if mime.lower() not in _JSON:
        raise UnsupportedMediaType(
            f"Content-Type {mime[:80]!r} is not read here; send {FHIR_JSON}."
            if mime
            else f"Content-Type is missing; send {FHIR_JSON}."
        )
    charset = options.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(
            f"FHIR JSON is UTF-8, and the Content-Type says {charset[:40]!r}."
        )


def require_acceptable() -> None:
    """Raise `NotAcceptable` where the client takes no JSON; `_format` overrides Accept."""
    asked = request.args.get("_format")
    if asked is not None:
        # A plus sign in a query string stands for a space unless it is escaped.
        if asked.partition(";")[0].strip().replace(" ", "+").lower() in _JSON:
            return
        raise NotAcceptable(f"_format={asked[:80]} is not rendered here; ask for json.")
    # Parameters such as charset and fhirVersion do not change what is rendered.
    accepted = {
        name.partition(";")[0].strip().lower()
        for name, quality in request.accept_mimetypes
        if quality > 0
    }
    if accepted.isdisjoint(_TAKEN) and request.accept_mimetypes:
        raise NotAcceptable(f"This server renders {FHIR_JSON}; the Accept header excludes it.")


def is_pretty() -> bool:
    """Return whether the client asks for indented output."""
    return request.args.get("_pretty") == "true"
