"""The rules for the XHTML of a narrative.

https://hl7.org/fhir/R4/narrative.html#xhtml
"""

from lxml import etree

_NAMESPACE = "{http://www.w3.org/1999/xhtml}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "area",
        "b",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "map",
        "ol",
        "p",
        "pre",
        "q",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "abbr",
        "accesskey",
        "align",
        "alt",
        "axis",
        "border",
        "cellpadding",
        "cellspacing",
        "char",
        "charoff",
        "charset",
        "cite",
        "class",
        "colspan",
        "compact",
        "coords",
        "datetime",
        "dir",
        "frame",
        "headers",
        "height",
        "href",
        "hreflang",
        "id",
        "lang",
        "longdesc",
        "name",
        "rel",
        "rev",
        "rowspan",
        "rules",
        "scope",
        "shape",
        "span",
        "src",
        "start",
        "style",
        "summary",
        "tabindex",
        "title",
        "type",
        "usemap",
        "valign",
        "value",
        "width",
    ]
)
_LINKS = frozenset({"href", "src", "cite", "longdesc"})
_ACTIVE = ("javascript:", "vbscript:", "data:text/html")


def is_proper_narrative(text: str) -> bool:
    """Return whether a text is one div of allowed XHTML that has something to read or to see."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=False
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    if root.tag != f"{_NAMESPACE}div" or "<!DOCTYPE" in text:
        return False
    elements = list(root.iter(etree.Element))
    has_content = "".join(map(str, root.itertext(etree.Element))).strip() or any(
        each.tag == f"{_NAMESPACE}img" for each in elements
    )
    is_allowed = all(_is_allowed(each) for each in elements)
    return is_allowed and bool(has_content) and next(root.iter(etree.Entity), None) is None


def _is_allowed(element: etree._Element) -> bool:
    name = str(element.tag)
    if not name.startswith(_NAMESPACE) or name.removeprefix(_NAMESPACE) not in _ELEMENTS:
        return False
    return all(_is_proper(str(name), str(value)) for name, value in element.attrib.items())


def _is_proper(name: str, value: str) -> bool:
    if name in (f"{_XML}lang", f"{_XML}space"):
        return True
    link = "".join(value.split()).lower() if name in _LINKS else ""
    return name in _ATTRIBUTES and not link.startswith(_ACTIVE)
