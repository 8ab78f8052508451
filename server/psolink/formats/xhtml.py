"""The XHTML of a narrative: one canonical text for each tree.

Text and white space are kept to the character. The default namespace is declared once, on the div;
attributes stay in their order; an element that may have content never closes itself, because HTML
readers take `<p/>` for an open `<p>`. Comments and processing instructions are left out.

https://hl7.org/fhir/R4/narrative.html
"""

from lxml import etree

from psolink.errors import InvalidRequest
from psolink.formats.xml_document import XmlFault, attribute_names, tree
from psolink.formats.xml_text import BadValue, checked, escape, escape_text

NAMESPACE = "http://www.w3.org/1999/xhtml"
DIV = f"{{{NAMESPACE}}}div"

_IN_NAMESPACE = f"{{{NAMESPACE}}}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "param"})
_SHOWN = 60
_MAX_ATTRIBUTES = 200


def canonical(div: etree._Element) -> str:
    """Return the text of a div; raise XmlFault where something in it is not XHTML."""
    parts: list[str] = []
    for event, node in etree.iterwalk(div, events=("start", "end")):
        name = _name(node)
        is_closed = name in _VOID and len(node) == 0 and not node.text
        if event == "start":
            declaration = f' xmlns="{NAMESPACE}"' if node is div else ""
            parts.append(f"<{name}{declaration}{_attributes(node)}{'/>' if is_closed else '>'}")
            parts.append(escape_text(node.text or ""))
        else:
            parts.append("" if is_closed else f"</{name}>")
            parts.append(escape_text(node.tail or "") if node is not div else "")
    return "".join(parts)


def canonical_text(xhtml: object) -> str:
    """Return the canonical text of a div that is in a string; raise BadValue where it is none."""
    if not isinstance(xhtml, str):
        raise BadValue("Expected the XHTML of a narrative in a string")
    try:
        div = tree(checked(xhtml).encode())
        if div.tag != DIV:
            raise BadValue(f'The narrative must be one <div xmlns="{NAMESPACE}">')
        return canonical(div)
    except InvalidRequest as error:
        raise BadValue(f"In the narrative: {error.issues[0].diagnostics.rstrip('.')}") from error
    except XmlFault as fault:
        raise BadValue(fault.diagnostics) from fault


def _name(node: etree._Element) -> str:
    tag = node.tag
    if not tag.startswith(_IN_NAMESPACE):
        raise XmlFault(
            node,
            f"The narrative has the element <{etree.QName(node).localname[:_SHOWN]}>, which is not in the "
            f"namespace {NAMESPACE}; only XHTML is allowed there",
        )
    return tag.removeprefix(_IN_NAMESPACE)


def _attributes(node: etree._Element) -> str:
    names = attribute_names(node)
    if len(names) > _MAX_ATTRIBUTES:
        raise XmlFault(node, f"The narrative has an element with {len(names):,} attributes")
    return "".join(f' {_attribute(node, name)}="{escape(node.get(name, ""))}"' for name in names)


def _attribute(node: etree._Element, name: str) -> str:
    if name.startswith(_XML):
        return f"xml:{name.removeprefix(_XML)}"
    if name.startswith("{"):
        raise XmlFault(
            node,
            f"The narrative has an attribute of the namespace {name[1:].partition('}')[0][:_SHOWN]}; "
            "only attributes of XHTML are allowed there",
        )
    return name
