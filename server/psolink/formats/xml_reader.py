"""From the tree of an XML document to the JSON object, by the tables of R4.

What is read is what the JSON codec gives for the same resource. What JSON can express is left to
validation to judge; refused is what it cannot: elements that FHIR does not have, text between
elements, a second value where there is one, an order that the definition does not have.

https://hl7.org/fhir/R4/xml.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from psolink.definitions import Definitions, Element
from psolink.fhir_json import JsonObject
from psolink.formats import xml_wording as wording
from psolink.formats.xhtml import DIV, canonical
from psolink.formats.xml_document import XmlFault, attribute_names
from psolink.formats.xml_text import BadValue
from psolink.formats.xml_values import ReadValue, reader_of

FHIR = "{http://hl7.org/fhir}"
_WHITE_SPACE = " \t\r\n"
_ONLY_VALUE = ["value"]

_Put = Callable[[etree._Element, JsonObject, int], None]
"""Takes an element, the object it belongs to, and how many levels that object may still have."""


@dataclass(frozen=True, slots=True)
class _Property:
    """An element of a type: after which positions it may come, which is its own, how to read it."""

    element: Element
    position: int
    latest_before: int
    put: _Put


@dataclass(frozen=True, slots=True)
class _Plan:
    """A type, compiled: its elements by tag, and what XML writes as attributes."""

    properties: Mapping[str, _Property]
    attributes: frozenset[str]


class XmlReader:
    """Reads resources; it keeps what it compiled of the definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._types: dict[str, TypeReader] = {}
        self._resources = {f"{FHIR}{name}": name for name in definitions.resource_types}

    def read(self, node: etree._Element, levels: int) -> JsonObject:
        """Return the resource that an element is; raise XmlFault where it is none."""
        name = self._resources.get(str(node.tag))
        if name is None:
            raise XmlFault(node, wording.no_resource(node, self._definitions.resource_types))
        return {"resourceType": name} | self.type_reader(name).read(node, levels)

    def type_reader(self, name: str) -> "TypeReader":
        """Return the reader of a type; two threads that ask at once may make it twice."""
        found = self._types.get(name)
        if found is None:
            found = self._types[name] = TypeReader(name, self._plan)
        return found

    def _plan(self, name: str) -> _Plan:
        definition = self._definitions.types[name]
        elements = list(definition.elements.values())
        attributes = {each.name for each in elements if each.is_xml_attribute}
        if definition.kind == "primitive":
            attributes.add("value")
        properties = {
            self._tag(each): _Property(
                each, position, position if each.is_list else position - 1, self._put(each)
            )
            for position, each in enumerate(elements)
            if not each.is_xml_attribute
        }
        return _Plan(properties, frozenset(attributes))

    @staticmethod
    def _tag(element: Element) -> str:
        return DIV if element.type == "xhtml" else f"{FHIR}{element.name}"

    def _put(self, element: Element) -> _Put:
        definition = self._definitions.types[element.type]
        if element.type == "xhtml":
            return _put_xhtml(element.name)
        if definition.kind == "primitive":
            make = _put_primitives if element.is_list else _put_primitive
            return make(element.name, reader_of(definition), self.type_reader(element.type))
        read = self._read_inner if element.type == "Resource" else None
        read = read or self.type_reader(element.type).read
        return (_put_objects if element.is_list else _put_object)(element.name, read)

    def _read_inner(self, node: etree._Element, levels: int) -> JsonObject:
        if len(node) != 1 or node.keys() or _has_text(node.text) or _has_text(node[0].tail):
            raise XmlFault(node, wording.not_one_resource(node))
        return self.read(node[0], levels)


class TypeReader:
    """Reads elements of one type; compiled when first used, because types are recursive."""

    __slots__ = ("_compile", "_plan", "name")

    def __init__(self, name: str, compile_plan: Callable[[str], _Plan]) -> None:
        self.name = name
        self._compile = compile_plan
        self._plan: _Plan | None = None

    def read(self, node: etree._Element, levels: int) -> JsonObject:
        """Return the object that an element is, which may have so many levels."""
        if levels < 1:
            raise XmlFault(node, wording.TOO_DEEP)
        plan = self._plan
        if plan is None:
            plan = self._plan = self._compile(self.name)
        names = attribute_names(node)
        found = self._attributes(node, names, plan) if names else {}
        if node.text is not None and _has_text(node.text):
            raise XmlFault(node, wording.mixed_text(node, self.name))
        properties = plan.properties
        last: _Property | None = None
        position = -1
        for child in node:
            each = properties.get(child.tag)
            if each is None or each.latest_before < position:
                raise self._misplaced(child, each, last, plan)
            last, position = each, each.position
            each.put(child, found, levels)
            if child.tail is not None and _has_text(child.tail):
                raise XmlFault(node, wording.mixed_text(node, self.name))
        return found

    def _attributes(self, node: etree._Element, names: list[str], plan: _Plan) -> JsonObject:
        for name in names:
            if name not in plan.attributes:
                raise XmlFault(node, wording.unknown_attribute(name, self.name, plan.attributes))
        return {name: node.get(name) for name in names}

    def _misplaced(
        self, node: etree._Element, found: _Property | None, last: _Property | None, plan: _Plan
    ) -> XmlFault:
        if found is None or last is None:
            names = [each.element.name for each in plan.properties.values()]
            return XmlFault(node, wording.unknown_element(node, self.name, names))
        return XmlFault(node, wording.out_of_order(self.name, found.element, last.element))


def _has_text(text: str | None) -> bool:
    return text is not None and text.strip(_WHITE_SPACE) != ""


def _put_object(name: str, read: Callable[[etree._Element, int], JsonObject]) -> _Put:
    def put(node: etree._Element, owner: JsonObject, levels: int) -> None:
        owner[name] = read(node, levels - 1)

    return put


def _put_objects(name: str, read: Callable[[etree._Element, int], JsonObject]) -> _Put:
    def put(node: etree._Element, owner: JsonObject, levels: int) -> None:
        item = read(node, levels - 2)
        items = owner.get(name)
        if items is None:
            owner[name] = [item]
        else:
            items.append(item)

    return put


def _put_xhtml(name: str) -> _Put:
    def put(node: etree._Element, owner: JsonObject, _levels: int) -> None:
        owner[name] = canonical(node)

    return put


def _put_primitive(name: str, convert: ReadValue, reader: TypeReader) -> _Put:
    companion_name = f"_{name}"

    def put(node: etree._Element, owner: JsonObject, levels: int) -> None:
        text, companion = _primitive(node, reader, levels - 1)
        if text is not None:
            owner[name] = text if convert is str else _converted(node, convert, text)
        if companion is not None:
            owner[companion_name] = companion

    return put


def _put_primitives(name: str, convert: ReadValue, reader: TypeReader) -> _Put:
    companion_name = f"_{name}"

    def put(node: etree._Element, owner: JsonObject, levels: int) -> None:
        text, companion = _primitive(node, reader, levels - 2)
        values, companions = owner.get(name), owner.get(companion_name)
        if values is None and companions is None and levels <= 1:
            raise XmlFault(node, wording.TOO_DEEP)
        count = len(values or companions or ())
        value = None if text is None else _converted(node, convert, text)
        _append(owner, name, value, count)
        _append(owner, companion_name, companion, count)

    return put


def _append(owner: JsonObject, name: str, item: object, count: int) -> None:
    """Add to a list that is not there as long as it would only hold null."""
    items = owner.get(name)
    if items is not None:
        items.append(item)
    elif item is not None:
        owner[name] = [*[None] * count, item]


def _primitive(
    node: etree._Element, reader: TypeReader, levels: int
) -> tuple[str | None, JsonObject | None]:
    """Return the value as it is written, and what the companion property holds."""
    if attribute_names(node) == _ONLY_VALUE and not len(node) and node.text is None:
        return node.get("value"), None
    companion = reader.read(node, levels)
    text = companion.pop("value", None)
    # Without a value there is something to say even where it is nothing: validation will ask.
    return text, companion if companion or text is None else None


def _converted(node: etree._Element, convert: ReadValue, text: str) -> object:
    try:
        return convert(text)
    except BadValue as error:
        raise XmlFault(node, str(error)) from error
