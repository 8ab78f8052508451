"""XML Patch: operations on the XML form of a resource.

https://www.rfc-editor.org/rfc/rfc5261 and https://hl7.org/fhir/R4/http.html#patch
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from typing import cast

from lxml import etree

from psolink.errors import FhirError, InvalidRequest, TooCostly, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits
from psolink.formats.xml_codec import XmlCodec
from psolink.formats.xml_document import decoded, tree
from psolink.interactions.patching import MAX_OPERATIONS, Patch

_NAME = r"(?:[A-Za-z_][\w.-]*:)?(?:[A-Za-z_][\w.-]*|\*)"
_LITERAL = r"(?:\"[^\"]*\"|'[^']*')"
_TEST = rf"(?:\d{{1,6}}|(?:\.|@?{_NAME}(?:/{_NAME})*(?:/@{_NAME})?)\s*=\s*{_LITERAL})"
_STEP = rf"{_NAME}(?:\[\s*{_TEST}\s*\])*"
_SELECTOR = re.compile(rf"/?{_STEP}(?:/{_STEP})*(?:/(?:@{_NAME}|text\(\)))?", re.ASCII)
_UNPREFIXED = re.compile(rf"{_LITERAL}|(@?)(?<![\w:.-])([A-Za-z_][\w.-]*)(?![\w.:(-])", re.ASCII)
_DEFAULT = "default"
_MAX_STEPS = 50
_SHOWN = 120

_Found = etree._Element | str
_Perform = Callable[[etree._Element, etree._Element, "_Place"], None]


class XmlPatch:
    """Reads patches, and applies them to resources by way of their XML form."""

    def __init__(self, codec: XmlCodec, limits: JsonLimits) -> None:
        self._codec = codec
        self._limits = limits

    def read(self, body: bytes) -> Patch:
        """Return the patch in a body; raise `InvalidRequest` where it is no XML Patch."""
        diff = tree(decoded(body, self._limits))
        operations = list(diff)
        if etree.QName(diff).localname != "diff":
            raise InvalidRequest("An XML Patch is a diff element with add, replace and remove.")
        if len(operations) > MAX_OPERATIONS:
            raise TooCostly(f"A patch may have {MAX_OPERATIONS} operations; send it in parts.")
        for each in operations:
            _check(each)
        return partial(self._apply, operations)

    def _apply(self, operations: list[etree._Element], resource: JsonObject) -> JsonObject:
        root = tree(self._codec.render(resource))
        for each in operations:
            place = _located(root, each)
            _PERFORM[etree.QName(each).localname](root, each, place)
        try:
            return self._codec.parse(etree.tostring(root, encoding="utf-8"), limits=self._limits)
        except FhirError as error:
            raise Unprocessable.of(error.issues) from error


class _Place:
    """The one node that a selector finds: an element, an attribute of it, or its text."""

    def __init__(self, found: _Found, selector: str) -> None:
        self.selector = selector
        self.attribute: str | None = None
        self.is_text = False
        if isinstance(found, etree._Element):
            self.element = found
            return
        owner = found.getparent()  # type: ignore[attr-defined] # the strings of an XPath know
        if owner is None or getattr(found, "is_tail", False):
            raise Unprocessable(f"The selector {selector!r} finds text that cannot be changed.")
        self.element = owner
        self.attribute = getattr(found, "attrname", None)
        self.is_text = self.attribute is None

    def require_element(self) -> etree._Element:
        """Return the element; raise `Unprocessable` where an attribute or text was found."""
        if self.attribute is not None or self.is_text:
            raise Unprocessable(f"The selector {self.selector!r} has to find an element here.")
        return self.element


def _check(operation: etree._Element) -> None:
    name = etree.QName(operation).localname
    if name not in _PERFORM:
        raise InvalidRequest(f"{name[:_SHOWN]!r} is no operation of an XML Patch.")
    selector = operation.get("sel", "")
    if not _SELECTOR.fullmatch(selector) or selector.count("/") > _MAX_STEPS:
        raise InvalidRequest(
            f"The selector {selector[:_SHOWN]!r} of {name} is not taken: send steps like "
            "f:Patient/f:name[1]/f:given[2]/@value, with a position or an equation in brackets."
        )


def _located(root: etree._Element, operation: etree._Element) -> _Place:
    selector = operation.get("sel", "")
    spaces = {name or _DEFAULT: uri for name, uri in operation.nsmap.items()}
    path = _with_default(selector) if None in operation.nsmap else selector
    try:
        # From above the root, so that the first step is its name with and without a slash.
        found = root.getroottree().xpath(
            path if path.startswith("/") else f"/{path}", namespaces=spaces
        )
    except etree.XPathError as error:
        raise InvalidRequest(
            f"The selector {selector[:_SHOWN]!r} cannot be evaluated; declare its prefixes."
        ) from error
    if not isinstance(found, list) or len(found) != 1:
        count = len(found) if isinstance(found, list) else 0
        raise Unprocessable(
            f"The selector {selector[:_SHOWN]!r} finds {count or 'no'} nodes, and has to find "
            "exactly one."
        )
    return _Place(cast("_Found", found[0]), selector[:_SHOWN])


def _with_default(selector: str) -> str:
    """Return the selector with a prefix for the names that are in the default namespace."""

    def prefixed(match: re.Match[str]) -> str:
        is_element = match[2] is not None and not match[1]
        return f"{_DEFAULT}:{match[2]}" if is_element else match[0]

    return _UNPREFIXED.sub(prefixed, selector)


def _add(root: etree._Element, operation: etree._Element, place: _Place) -> None:
    target = place.require_element()
    kind = operation.get("type", "")
    if kind.startswith("@"):
        _set_attribute(target, operation, kind[1:])
        return
    if kind:
        raise Unprocessable(f"An XML Patch cannot add {kind[:_SHOWN]!r} to a FHIR resource.")
    added = [deepcopy(each) for each in operation]
    match operation.get("pos"):
        case "prepend":
            target[0:0] = added
        case "before" if target is not root:
            _around(target, added, offset=0)
        case "after" if target is not root:
            _around(target, added, offset=1)
        case None:
            target.extend(added)
        case other:
            raise Unprocessable(f"The position {other[:_SHOWN]!r} is none, or not one there.")


def _around(target: etree._Element, added: list[etree._Element], *, offset: int) -> None:
    parent = target.getparent()
    if parent is not None:
        index = parent.index(target) + offset
        parent[index:index] = added


def _set_attribute(target: etree._Element, operation: etree._Element, name: str) -> None:
    if name in target.attrib:
        raise Unprocessable(f"The attribute {name[:_SHOWN]!r} is there already; use replace.")
    try:
        target.set(name, operation.text or "")
    except ValueError as error:
        raise InvalidRequest(f"{name[:_SHOWN]!r} is no name of an attribute.") from error


def _replace(root: etree._Element, operation: etree._Element, place: _Place) -> None:
    if place.attribute is not None:
        place.element.set(place.attribute, operation.text or "")
        return
    if place.is_text:
        place.element.text = operation.text
        return
    target, parent = place.element, place.element.getparent()
    if target is root or parent is None or len(operation) != 1:
        raise Unprocessable("replace needs one element to put in place of another one.")
    new = deepcopy(operation[0])
    new.tail = target.tail
    parent.replace(target, new)


def _remove(root: etree._Element, _operation: etree._Element, place: _Place) -> None:
    if place.attribute is not None:
        del place.element.attrib[place.attribute]
        return
    if place.is_text:
        place.element.text = None
        return
    target, parent = place.element, place.element.getparent()
    if target is root or parent is None:
        raise Unprocessable("A patch cannot remove the resource itself; use DELETE.")
    _keep_tail(target, parent)
    parent.remove(target)


def _keep_tail(target: etree._Element, parent: etree._Element) -> None:
    """Give the text after `target`, as narratives have it, to what comes before."""
    before = target.getprevious()
    if not target.tail:
        return
    if before is not None:
        before.tail = (before.tail or "") + target.tail
    else:
        parent.text = (parent.text or "") + target.tail


_PERFORM: Mapping[str, _Perform] = {"add": _add, "replace": _replace, "remove": _remove}
