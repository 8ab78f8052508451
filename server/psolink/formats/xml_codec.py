"""FHIR XML without loss: read to the same JSON object as FHIR JSON, and written from it.

https://hl7.org/fhir/R4/xml.html
"""

from psolink.definitions import Definitions
from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits
from psolink.formats.xml_document import XmlFault, decoded, place, tree
from psolink.formats.xml_reader import XmlReader
from psolink.formats.xml_wording import expression
from psolink.formats.xml_writer import XmlWriter


class XmlCodec:
    """Reads and writes resources as XML; safe to share between threads."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._reader = XmlReader(definitions)
        self._writer = XmlWriter(definitions)

    def parse(self, body: bytes, *, limits: JsonLimits) -> JsonObject:
        """Return the resource in the body, as the JSON codec returns it."""
        body = decoded(body, limits)
        root = tree(body)
        try:
            return self._reader.read(root, limits.max_depth)
        except XmlFault as fault:
            diagnostics = f"At {place(body, fault.node)}: {fault.diagnostics}."
            where = expression(fault.node, self._definitions)
            raise InvalidRequest(diagnostics.replace("?.", "?"), where or None) from fault

    def render(self, resource: JsonObject, *, pretty: bool = False) -> bytes:
        """Return the resource as XML in UTF-8, on one line or indented by two."""
        return self._writer.write(resource, pretty=pretty)
