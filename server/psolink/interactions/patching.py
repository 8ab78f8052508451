"""The seam between a patch in one of its forms and the interaction that stores its result."""

from collections.abc import Callable
from typing import Protocol

from psolink.fhir_json import JsonObject

Patch = Callable[[JsonObject], JsonObject]
"""Returns a changed copy of a resource; raises `Unprocessable` where it does not fit."""

MAX_OPERATIONS = 1000
"""The most operations of one patch."""


class Patches(Protocol):
    """Reads patches, in whatever form they come."""

    def read(self, media_type: str, body: bytes) -> Patch:
        """Return the patch in a body of that media type."""
        ...

    def of_resource(self, resource: JsonObject, at: str) -> Patch:
        """Return the patch in Parameters (FHIRPath Patch) or a Binary (JSON Patch, XML Patch)."""
        ...
