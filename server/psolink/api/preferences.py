"""The Prefer header and the conditions of a request, as plain values.

https://hl7.org/fhir/R4/http.html#ops and https://hl7.org/fhir/R4/http.html#concurrency
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from flask import request

from psolink.errors import InvalidRequest
from psolink.interactions.preconditions import ETags, Precondition, precondition
from psolink.interactions.responses import Returning

_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)
_CONDITIONS = ("If-Match", "If-None-Match")
"""What is sent in several lines of the head arrives as one, joined by commas."""

_RETURNING = {each.value: each for each in Returning}


def preference(name: str) -> str | None:
    """Return the value of a preference, such as `minimal` for `return`."""
    for part in request.headers.get("Prefer", "").replace(";", ",").split(","):
        key, _, value = part.strip().partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"')
    return None


def wants_lenient() -> bool:
    """Return whether unknown search parameters are to be ignored."""
    return preference("handling") == "lenient"


def returning() -> Returning:
    """Return what the client wants to get back; what is no such preference is ignored."""
    asked = preference("return")
    return _RETURNING.get(asked or "", Returning.DEFAULT)


def condition() -> Precondition:
    """Return the condition that the headers of a write set on the current version."""
    return precondition((name, request.headers.get(name)) for name in _CONDITIONS)


def known_versions() -> Precondition:
    """Return the versions that a reader has; a tag that is none of ours names none."""
    tags = request.if_none_match
    # An empty tag is None here, whatever the types say; and not every digit is one of ours.
    found = (_VERSION.fullmatch(each or "") for each in tags.as_set(include_weak=True))
    versions = frozenset(int(each[0]) for each in found if each)
    given = "If-None-Match" in request.headers
    return Precondition(if_none_match=ETags(versions, tags.star_tag) if given else None)


def if_none_exist(criteria: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]] | None:
    """Return the criteria of If-None-Exist, or those of the URL, if there are some.

    Clients write the condition of a create into its URL as well, as they do for an update. To
    pass over it would create what the client said must not be created twice.
    """
    value = request.headers.get("If-None-Exist")
    if value is None:
        return criteria or None
    if criteria:
        raise InvalidRequest(
            "The condition of a create is in If-None-Exist or in the URL, and not in both."
        )
    condition = parse_qsl(value.strip().lstrip("?"), keep_blank_values=True)
    if not condition:
        raise InvalidRequest(
            "If-None-Exist needs search criteria, such as identifier=system|value."
        )
    return condition
