"""Formats: what the client sends and what it asks for.

https://hl7.org/fhir/R4/http.html#mime-type
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from psolink.api import sent_bodies
from psolink.errors import InvalidRequest, NotAcceptable, UnsupportedMediaType
from psolink.fhir_json import JsonObject
from psolink.formats.places import Steps
from psolink.outcome import Place

FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"
FORMATTING = ("_format", "_pretty")
"""The parameters of any request that are about the form of the answer."""
FORM = "application/x-www-form-urlencoded"

_NAMES: Mapping[str, str] = {
    "json": FHIR_JSON,
    "text/json": FHIR_JSON,
    "application/json": FHIR_JSON,
    FHIR_JSON: FHIR_JSON,
    "xml": FHIR_XML,
    "text/xml": FHIR_XML,
    "application/xml": FHIR_XML,
    FHIR_XML: FHIR_XML,
}
_ANY: Mapping[str, str] = {"*/*": FHIR_JSON, "application/*": FHIR_JSON, "text/*": FHIR_XML}


def _no_places(_body: bytes, _wanted: Iterable[Steps]) -> Mapping[Steps, Place]:
    """Find nothing, for a format that no resource is read in."""
    return {}


@dataclass(frozen=True, slots=True)
class Format:
    """How one media type is read and written; `render` takes whether to indent.

    `places` finds where in a body some elements stand.
    """

    parse: Callable[[bytes], JsonObject]
    render: Callable[[JsonObject, bool], bytes]
    places: Callable[[bytes, Iterable[Steps]], Mapping[Steps, Place]] = _no_places


Formats = Mapping[str, Format]


def read_body(formats: Formats) -> JsonObject:
    """Return the resource in the body of this request, in the format that it says it has."""
    media_type = _sent()
    data = request.get_data(cache=False)
    if not data:
        raise InvalidRequest("The body is empty; a FHIR resource is expected.")
    resource = formats[media_type].parse(data)
    sent_bodies.remember(media_type, data, resource["resourceType"])
    return resource


def asked_format() -> str:
    """Return the media type to answer in; raise `NotAcceptable` where none suits the client."""
    asked = _formatting("_format")
    if asked is not None:
        # A plus sign in a query string stands for a space unless it is escaped.
        found = _NAMES.get(asked.partition(";")[0].strip().replace(" ", "+").lower())
        if found is None:
            raise NotAcceptable(f"_format={asked[:80]} is not rendered here; ask for json or xml.")
        return found
    found = _preferred(request.headers.get("Accept", ""))
    if found is None:
        raise NotAcceptable(
            f"This server renders {FHIR_JSON} and {FHIR_XML}; the Accept header excludes both."
        )
    return found


def answer_format() -> str:
    """Return the media type to answer in, JSON where the client takes none that there is."""
    try:
        return asked_format()
    except NotAcceptable:
        return FHIR_JSON


def require_acceptable() -> None:
    """Raise `NotAcceptable` where nothing that the server renders suits the client."""
    asked_format()


def is_pretty() -> bool:
    """Return whether the client asks for indented output."""
    return _formatting("_pretty") == "true"


def _formatting(name: str) -> str | None:
    """Return a parameter about the form of the answer: of the URL, or of a search in a form."""
    # Asked for what is not there, these dictionaries build an exception to answer.
    if name in request.args:
        return request.args[name]
    if request.method == "POST" and request.mimetype == FORM:
        return request.form.get(name)
    return None


def is_fhir(media_type: str) -> bool:
    """Return whether a media type is one that resources come in."""
    return media_type.lower() in _NAMES


def _sent() -> str:
    mime, options = parse_options_header(request.headers.get("Content-Type", ""))
    found = _NAMES.get(mime.lower()) if "/" in mime else None
    if found is None:
        said = f"Content-Type {mime[:80]!r} is not read here" if mime else "Content-Type is missing"
        raise UnsupportedMediaType(f"{said}; send {FHIR_JSON} or {FHIR_XML}.")
    charset = options.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"FHIR is sent as UTF-8, and this says {charset[:40]!r}.")
    return found


@lru_cache(maxsize=256)
def _preferred(accept: str) -> str | None:
    """Return the format that an Accept header prefers; clients send few different ones."""
    accepted = parse_accept_header(accept, MIMEAccept)
    return next(_acceptable(accepted), None) if accepted else FHIR_JSON


def _acceptable(accepted: Iterable[tuple[str, float]]) -> Iterator[str]:
    """Yield the formats that the client takes, the preferred one first."""
    for name, quality in accepted:
        # Parameters such as charset and fhirVersion do not change what is rendered.
        plain = name.partition(";")[0].strip().lower()
        found = _NAMES.get(plain) if "/" in plain else None
        if quality > 0 and (found or plain in _ANY):
            yield found or _ANY[plain]
