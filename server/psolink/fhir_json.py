"""FHIR JSON as plain values.

A resource is the parsed JSON object, all the way: dict, list, str, bool, int, Decimal.
"""

import re
from typing import Any

JsonObject = dict[str, Any]

CANONICAL = "https://psolink.example/fhir"
"""Root of the canonical URLs of everything that this project defines."""

LOGICAL_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
"""https://hl7.org/fhir/R4/datatypes.html#id."""

LOCAL_REFERENCE = re.compile(
    r"(?P<type>[A-Za-z]{1,64})/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/(?P<version>[A-Za-z0-9\-.]{1,64}))?",
    re.ASCII,
)
"""A literal reference relative to the base of a server, which may name a version.

https://hl7.org/fhir/R4/references.html#literal
"""
