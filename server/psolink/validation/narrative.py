"""The XHTML of a narrative: text and its layout, nothing that runs or loads.

https://hl7.org/fhir/R4/narrative.html
"""

import re
from collections.abc import Iterator

from lxml import etree

from psolink.formats.xml_document import attribute_names
from psolink.validation.wording import show_name

_XHTML = "{http://www.w3.org/1999/xhtml}"
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SCRIPT_URL = re.compile(r"(?:javascript|vbscript|data:text/html)", re.IGNORECASE)
_ACTIVE_STYLE = re.compile(
    r"@import|url\((?!['\"]?(?:#|data:))|expression\(|javascript:|-moz-binding", re.IGNORECASE
)
_INVISIBLE = re.compile(r"[\s\x00-\x1f]+")
_URLS = frozenset({"cite", "href", "longdesc", "src", "usemap"})

# The elements and attributes of chapters 7 to 11 and 15 of HTML 4 that the narrative may use.
_ELEMENT_NAMES = """
a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt
em h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td
tfoot th thead tr tt ul var
"""
_ATTRIBUTE_NAMES = """
abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char
charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace id
lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex
title type usemap valign value vspace width {http://www.w3.org/XML/1998/namespace}lang
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())


def faults(xhtml: str) -> Iterator[str]:
    """Yield what is wrong with the XHTML of a narrative, and how to mend it."""
    if _DECLARATION.search(xhtml):
        yield "The narrative declares a document type or an entity; remove the declaration."
        return
    try:
        root = etree.fromstring(xhtml.encode(), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        yield f"The narrative is not well-formed XHTML: {_reason(error)}."
        return
    if root.tag != f"{_XHTML}div":
        yield 'The narrative must be one <div xmlns="http://www.w3.org/1999/xhtml">.'
        return
    for node in root.iter():
        yield from _node_faults(node)
    if not _has_content(root):
        yield "The narrative has neither text nor image; leave it out where there is none."


def _parser() -> etree.XMLParser:
    # One for each call: a parser remembers its errors and is not for several threads at once.
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )


def _node_faults(node: etree._Element) -> Iterator[str]:
    if isinstance(node, etree._Comment):
        return
    if isinstance(node, etree._ProcessingInstruction):
        yield "The narrative has a processing instruction; remove it."
        return
    name = show_name(node.tag.removeprefix(_XHTML))
    # A name of another namespace still has that namespace in front.
    if name not in _ELEMENTS:
        yield f"The narrative may not have the element <{name}>, only text and its layout."
        return
    # To ask for the values takes time in the square of their number; FHIR allows few.
    if len(attribute_names(node)) > len(_ATTRIBUTES):
        yield f"<{name}> has more attributes than the narrative knows; remove those that do not belong."
        return
    for attribute, value in node.items():
        yield from _attribute_faults(name, str(attribute), str(value))


def _attribute_faults(name: str, attribute: str, value: str) -> Iterator[str]:
    if attribute not in _ATTRIBUTES:
        yield f"The narrative may not have the attribute {show_name(attribute)} on <{name}>."
    elif attribute in _URLS and _SCRIPT_URL.match(_INVISIBLE.sub("", value)):
        yield f"The attribute {attribute} on <{name}> holds a script; remove it."
    elif attribute == "style" and _ACTIVE_STYLE.search(_INVISIBLE.sub("", value)):
        yield f"The style of <{name}> runs or loads something; leave only formatting."


def _has_content(root: etree._Element) -> bool:
    if any(not str(text).isspace() for text in root.itertext(etree.Element)):
        return True
    return root.find(f".//{_XHTML}img") is not None


def _reason(error: Exception) -> str:
    reason = str(getattr(error, "msg", None) or "it has characters that XML does not allow")
    if reason.startswith("Entity"):
        return f"{reason}; XML has only amp, lt, gt, quot and apos, so send the character itself"
    if "tag mismatch" in reason:
        return f"{reason}; XHTML closes every element, such as <br/>"
    return reason
