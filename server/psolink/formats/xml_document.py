"""XML as it comes in: safely read into a tree, and where in it a fault is.

A document type is refused before the parser sees it, so there are no entities to expand and nothing
to load. Everything is parsed as UTF-8, whatever it came in.

https://hl7.org/fhir/R4/xml.html
"""

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from operator import methodcaller
from xml.parsers import expat

from lxml import etree

from psolink.errors import InvalidRequest, PayloadTooLarge
from psolink.formats.json_codec import JsonLimits
from psolink.formats.json_position import position

attribute_names: Callable[[etree._Element], list[str]] = methodcaller("keys")
"""Return the names of the attributes of an element, with their namespace in front.

To ask for the values of all takes time in the square of their number; so first look at the names.
"""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?\bencoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")
_READ_ENCODINGS = re.compile(
    r"utf-8|us-ascii|iso-8859-([1-9]|1[013-6])|windows-125[0-8]", re.IGNORECASE
)
_PROLOG = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DOCTYPE = b"<!DOCTYPE"
_PLACE = re.compile(r",? \(?line \d+, column \d+\)?$")
_SHOWN = 160


class XmlFault(Exception):
    """What is wrong with an element of a well-formed document."""

    def __init__(self, node: etree._Element, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.node = node
        self.diagnostics = diagnostics


def decoded(body: bytes, limits: JsonLimits) -> bytes:
    """Return the document in UTF-8, without byte order mark; its declaration is now void."""
    if len(body) > limits.max_bytes:
        raise PayloadTooLarge(
            f"The body has {len(body):,} bytes and this server takes {limits.max_bytes:,}; "
            "send it in smaller parts."
        )
    if not body.strip():
        raise InvalidRequest("The body is empty; send a resource as XML.")
    bom, encoding = next((each for each in _BOMS if body.startswith(each[0])), (b"", None))
    body = body.removeprefix(bom)
    return _as_utf_8(body, encoding or _declared_encoding(body))


def tree(body: bytes) -> etree._Element:
    """Return the root of a document that is in UTF-8, without comments and instructions."""
    prolog = _PROLOG.match(body)
    start = prolog.end() if prolog else 0
    if body.startswith(_DOCTYPE, start):
        raise InvalidRequest(
            f"The XML has a DOCTYPE at {position(body, start)}; FHIR allows none, so remove it."
        )
    try:
        return etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        raise InvalidRequest(_malformed(error)) from error


def place(body: bytes, node: etree._Element) -> str:
    """Return line and column of the start of an element, both counted from 1."""
    root = node.getroottree().getroot()
    before = sum(1 for _ in takewhile(lambda each: each is not node, root.iter()))
    found: list[str] = []
    parser = expat.ParserCreate("utf-8")

    def count(_name: str, _attributes: object) -> None:
        nonlocal before
        if not before:
            found.append(position(body, parser.CurrentByteIndex))
        before -= 1

    parser.StartElementHandler = count
    # Of a document that the other parser took, this one may still refuse the XML version.
    with suppress(expat.ExpatError):
        parser.Parse(body, True)  # noqa: FBT003 (the interface of expat)
    return found[0] if found else f"line {node.sourceline}"


def _parser() -> etree.XMLParser:
    # One for each call: a parser is not for several threads at once. The size of the body bounds
    # what `huge_tree` opens; without it no Binary of more than ten million characters can be read.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        huge_tree=True,
    )


def _declared_encoding(body: bytes) -> str:
    declared = _DECLARED.match(body)
    name = declared[1].decode("latin-1") if declared else "utf-8"
    if not _READ_ENCODINGS.fullmatch(name):
        raise InvalidRequest(
            f"The XML declares the encoding {name}, which this server does not read; "
            "send it in UTF-8."
        )
    return name.lower()


def _as_utf_8(body: bytes, encoding: str) -> bytes:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"The byte 0x{body[error.start]:02x} at {position(body, error.start)} is not valid "
            f"{encoding.upper()}, which the XML is in; send it in UTF-8."
        ) from error
    return body if encoding == "utf-8" else text.encode()


def _malformed(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    reason = _PLACE.sub("", str(error.msg))
    reason = reason if len(reason) <= _SHOWN else f"{reason[:_SHOWN]}..."
    if reason.startswith("Entity"):
        reason += (
            "; XML has only amp, lt, gt, quot and apos, so send the character itself or its number"
        )
    return f"The XML is malformed at line {line}, column {column}: {reason}."
