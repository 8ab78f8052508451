"""What to say of an element that cannot be read, and its FHIRPath."""

from collections.abc import Collection
from difflib import get_close_matches

from lxml import etree

from psolink.definitions import Definitions, Element

NAMESPACE = "http://hl7.org/fhir"
TOO_DEEP = "The resource is nested deeper here than this server takes; flatten it"

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_COMPARED = 64
_SHOWN = 60
_ALIKE = 0.7


def no_resource(node: etree._Element, types: Collection[str]) -> str:
    """Return why an element is not a resource of R4."""
    name = _local_name(node)
    if _namespace(node) != NAMESPACE:
        return _wrong_namespace(node)
    return f"<{name}> is not a resource type of R4{_meant(name, types)}"


def not_one_resource(node: etree._Element) -> str:
    """Return how an element must be that holds a resource."""
    return (
        f"<{_local_name(node)}> must hold exactly one resource, without text or attributes around "
        f"it, such as <{_local_name(node)}><Patient>...</Patient></{_local_name(node)}>"
    )


def unknown_element(node: etree._Element, owner: str, names: Collection[str]) -> str:
    """Return why an element does not belong to its owner, and which was perhaps meant."""
    name = _local_name(node)
    if name == "div" and "div" in names:
        return (
            'The narrative needs the namespace of XHTML: <div xmlns="http://www.w3.org/1999/xhtml">'
        )
    if _namespace(node) != NAMESPACE:
        return _wrong_namespace(node)
    if name in ("id", "url") and name not in names:
        return f"{owner} has no element <{name}>; write it as an attribute if it has one"
    return f"{owner} has no element <{name}>{_meant(name, names)}"


def unknown_attribute(name: str, owner: str, names: Collection[str]) -> str:
    """Return which attribute does not belong, and what may stand there."""
    if name.startswith(f"{{{_INSTANCE}}}"):
        return "Remove the attribute of XML Schema: FHIR does not allow the schema to be named"
    shown = etree.QName(name).localname[:_SHOWN]
    if not names:
        hint = '; the id of a resource is an element, <id value="..."/>' if name == "id" else ""
        return f"{owner} has no attributes, and here is {shown}{hint}"
    return f"{owner} has no attribute {shown} in XML, only {' and '.join(sorted(names))}"


def mixed_text(node: etree._Element, owner: str) -> str:
    """Return where the text should have been."""
    return (
        f"There is text inside <{_local_name(node)}> ({owner}); FHIR has values in the attribute "
        "value and no text between elements"
    )


def out_of_order(owner: str, found: Element, last: Element) -> str:
    """Return why an element may not follow another."""
    if found.name == last.name:
        return f"{owner} has <{found.name}> at most once, and this is another"
    if found.choice_of is not None and found.choice_of == last.choice_of:
        return f"{owner} has one {found.choice_of}[x], and here are {last.name} and {found.name}"
    return (
        f"<{found.name}> comes after <{last.name}>; XML has the order of the definition, in which "
        f"{owner} has <{found.name}> before it, and all that repeats stands together"
    )


def expression(node: etree._Element, definitions: Definitions) -> str:
    """Return the FHIRPath of an element, or of the innermost known one around it."""
    *_, root = [node, *node.iterancestors()]
    type_name = _local_name(root)
    if type_name not in definitions.resource_types:
        return ""
    path = type_name
    for each in reversed([node, *node.iterancestors()][:-1]):
        if type_name == "Resource":
            type_name = _local_name(each)
            if type_name not in definitions.resource_types:
                return path
            continue
        element = definitions.types[type_name].elements.get(_local_name(each))
        if element is None or (element.type == "xhtml" and path.endswith(".div")):
            return path
        index = sum(1 for _ in each.itersiblings(each.tag, preceding=True))
        path += f".{element.choice_of or element.name}{f'[{index}]' if element.is_list else ''}"
        type_name = element.type
    return path


def _wrong_namespace(node: etree._Element) -> str:
    namespace = _namespace(node)
    found = f"in the namespace {namespace[:_SHOWN]}" if namespace else "in no namespace"
    return f'<{_local_name(node)}> is {found}; elements of FHIR are in xmlns="{NAMESPACE}"'


def _meant(name: str, names: Collection[str]) -> str:
    if len(name) > _COMPARED:
        return ""
    folded = {each.lower(): each for each in sorted(names)}
    found = get_close_matches(name.lower(), folded, n=1, cutoff=_ALIKE)
    return f"; did you mean <{folded[found[0]]}>?" if found else ""


def _local_name(node: etree._Element) -> str:
    return etree.QName(node).localname[:_SHOWN]


def _namespace(node: etree._Element) -> str:
    return etree.QName(node).namespace or ""
