"""The Prefer header and the conditions of a request, as plain values.

https://hl7.org/fhir/R4/http.html#ops and https://hl7.org/fhir/R4/http.html#concurrency
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from flask import request

from psolink.errors import InvalidRequest
from psolink.interactions.entries import etag_version

RETURNS = ("minimal", "representation", "OperationOutcome")


def preference(name: str) -> str | None:
    """Return the value of a preference, such as `minimal` for `return`."""
    for header in request.headers.getlist("Prefer"):
        for part in header.replace(";", ",").split(","):
            key, _, value = part.strip().partition("=")
            if key.strip().lower() == name:
                return value.strip().strip('"')
    return None


def wants_lenient() -> bool:
    """Return whether unknown search parameters are to be ignored."""
    return preference("handling") == "lenient"


def if_match() -> int | None:
    """Return the version that must be current; 0 where there must be none (`If-None-Match: *`)."""
    value = request.headers.get("If-Match")
    if value is not None:
        return etag_version(value, "If-Match")
    return 0 if request.headers.get("If-None-Match", "").strip() == "*" else None


def if_none_exist() -> Sequence[tuple[str, str]] | None:
    """Return the criteria of If-None-Exist, if there are some."""
    value = request.headers.get("If-None-Exist")
    if value is None:
        return None
    criteria = parse_qsl(value.strip().lstrip("?"), keep_blank_values=True)
    if not criteria:
        raise InvalidRequest(
            "If-None-Exist needs search criteria, such as identifier=system|value."
        )
    return criteria


def has_current_version(version: int) -> bool:
    """Return whether If-None-Match names `version`, so that the client has it already."""
    return request.if_none_match.contains_weak(str(version))
