"""FHIR JSON as plain values.

A resource is the parsed JSON object, all the way: dict, list, str, bool, int, Decimal.
"""

from typing import Any

JsonObject = dict[str, Any]

CANONICAL = "https://psolink.example/fhir"
"""Root of the canonical URLs of everything that this project defines."""
