"""The three forms of a patch, by the media type that a client sends.

https://hl7.org/fhir/R4/http.html#patch
"""

import base64
import binascii

from psolink.definitions import Definitions
from psolink.errors import InvalidRequest, UnsupportedMediaType
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Compiler
from psolink.formats.json_codec import JsonLimits, parse_array
from psolink.formats.xml_codec import XmlCodec
from psolink.interactions.fhirpath_patch import FhirPathPatch
from psolink.interactions.json_patch import json_patch
from psolink.interactions.patching import Patch
from psolink.interactions.xml_patch import XmlPatch

JSON_PATCH = "application/json-patch+json"
XML_PATCH = "application/xml-patch+xml"


class PatchFormats:
    """Reads patches; safe to share between threads."""

    def __init__(self, definitions: Definitions, limits: JsonLimits) -> None:
        self._limits = limits
        self._fhirpath = FhirPathPatch(definitions, Compiler(definitions))
        self._xml = XmlPatch(XmlCodec(definitions), limits)

    def read(self, media_type: str, body: bytes) -> Patch:
        """Return the patch in a body of that media type."""
        match media_type:
            case "application/json-patch+json":
                return json_patch(parse_array(body, limits=self._limits))
            case "application/xml-patch+xml":
                return self._xml.read(body)
            case other:
                raise UnsupportedMediaType(
                    f"{other[:80]!r} is no patch; send {JSON_PATCH}, {XML_PATCH}, or Parameters "
                    "with a FHIRPath Patch."
                )

    def of_resource(self, resource: JsonObject, at: str) -> Patch:
        """Return the patch in Parameters (FHIRPath Patch) or a Binary (JSON Patch, XML Patch)."""
        match resource.get("resourceType"):
            case "Parameters":
                return self._fhirpath.read(resource, at)
            case "Binary":
                return self.read(resource.get("contentType", ""), _content(resource, at))
            case other:
                raise InvalidRequest(
                    f"A patch is Parameters or a Binary, and this is {other!r}.",
                    f"{at}.resourceType",
                )


def _content(binary: JsonObject, at: str) -> bytes:
    try:
        return base64.b64decode("".join(binary.get("data", "").split()), validate=True)
    except binascii.Error as error:
        raise InvalidRequest("The data is no base64.", f"{at}.data") from error
