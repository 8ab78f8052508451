"""From the JSON object to XML, in the order that the tables of R4 have.

What it is given has been validated; what XML cannot hold is refused with its FHIRPath.

https://hl7.org/fhir/R4/xml.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from operator import attrgetter

from psolink.definitions import Definitions, Element
from psolink.errors import NotAcceptable
from psolink.fhir_json import JsonObject
from psolink.formats.xhtml import canonical_text
from psolink.formats.xml_text import BadValue, escape
from psolink.formats.xml_values import WriteValue, kind, write_string, writer_of

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACE = ' xmlns="http://hl7.org/fhir"'
_STEP = "  "
_SHOWN = 60

_Write = Callable[[JsonObject, list[str], str], None]
"""Takes the object that has the element, the parts written so far, and what indents the element."""

_WriteItem = Callable[[object, list[str], str], None]


class _Unwritable(Exception):
    """What XML cannot hold, and the names and indexes that lead to it, innermost first."""

    def __init__(self, diagnostics: str, *path: str) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics
        self.path = list(path)


@dataclass(frozen=True, slots=True)
class _Property:
    """An element of a type: its FHIRPath name, its place among the others, how it is written."""

    name: str
    position: int
    write: _Write


@dataclass(frozen=True, slots=True)
class _Plan:
    """A type, compiled: its elements by JSON property; what XML has as attributes, last first."""

    properties: Mapping[str, _Property]
    attributes: tuple[str, ...]


class XmlWriter:
    """Writes resources; it keeps what it compiled of the definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._types: dict[str, TypeWriter] = {}

    def write(self, resource: JsonObject, *, pretty: bool) -> bytes:
        """Return the document; raise NotAcceptable where XML cannot hold the resource."""
        parts = [_DECLARATION]
        try:
            self._write_resource(resource, parts, "\n" if pretty else "", _NAMESPACE)
        except _Unwritable as error:
            path = f"{resource.get('resourceType')}{''.join(reversed(error.path))}"
            raise NotAcceptable(
                f"This cannot be written as XML: {error.diagnostics}.", path
            ) from error
        return "".join(parts).encode()

    def _write_resource(
        self, resource: object, parts: list[str], indent: str, attributes: str = ""
    ) -> None:
        name = resource.get("resourceType") if isinstance(resource, dict) else None
        if name not in self._definitions.resource_types:
            raise _Unwritable("Expected an object with the resourceType of a type of R4")
        self._type_writer(name).write(name, resource, parts, indent, attributes)

    def _type_writer(self, name: str) -> "TypeWriter":
        found = self._types.get(name)
        if found is None:
            found = self._types[name] = TypeWriter(name, self._plan)
        return found

    def _plan(self, name: str) -> _Plan:
        definition = self._definitions.types[name]
        elements = list(definition.elements.values())
        properties: dict[str, _Property] = {}
        for position, each in enumerate(elements):
            write = _write_nothing if each.is_xml_attribute else self._write(each)
            written = _Property(f".{each.choice_of or each.name}", position, write)
            properties[each.name] = written
            if self._has_companion(each):
                properties[f"_{each.name}"] = written
        if definition.kind == "resource":
            properties["resourceType"] = _Property("", -1, _write_nothing)
        attributes = [each.name for each in elements if each.is_xml_attribute]
        return _Plan(properties, tuple(reversed(attributes)))

    def _has_companion(self, element: Element) -> bool:
        is_primitive = self._definitions.types[element.type].kind == "primitive"
        return is_primitive and not element.is_xml_attribute and element.type != "xhtml"

    def _write(self, element: Element) -> _Write:
        definition = self._definitions.types[element.type]
        if element.type == "xhtml":
            return _one(element.name, _write_xhtml)
        if definition.kind == "primitive":
            make = _primitives if element.is_list else _primitive
            return make(element.name, writer_of(definition), self._type_writer(element.type))
        write_item = self._item_writer(element)
        return (_many if element.is_list else _one)(element.name, write_item)

    def _item_writer(self, element: Element) -> _WriteItem:
        tag = element.name
        if element.type != "Resource":
            write = self._type_writer(element.type).write
            return lambda item, parts, indent: write(tag, item, parts, indent)

        def write_inner(item: object, parts: list[str], indent: str) -> None:
            parts.append(f"{indent}<{tag}>")
            self._write_resource(item, parts, _deeper(indent))
            parts.append(f"{indent}</{tag}>")

        return write_inner


class TypeWriter:
    """Writes elements of one type; compiled when first used, because types are recursive."""

    __slots__ = ("_compile", "_plan", "name")

    def __init__(self, name: str, compile_plan: Callable[[str], _Plan]) -> None:
        self.name = name
        self._compile = compile_plan
        self._plan: _Plan | None = None

    def write(
        self, tag: str, item: object, parts: list[str], indent: str, attributes: str = ""
    ) -> None:
        """Add the element, with attributes after those that the object has itself."""
        if not isinstance(item, dict):
            raise _Unwritable(f"Expected an object ({self.name}), found {kind(item)}")
        plan = self._plan
        if plan is None:
            plan = self._plan = self._compile(self.name)
        for name in plan.attributes:
            if name in item:
                attributes = f' {name}="{_attribute(name, item[name])}"{attributes}'
        start = len(parts)
        parts.append(f"{indent}<{tag}{attributes}>")
        self._write_children(plan, item, parts, _deeper(indent))
        if len(parts) > start + 1:
            parts.append(f"{indent}</{tag}>")
        else:
            parts[start] = f"{indent}<{tag}{attributes}/>"

    def _write_children(self, plan: _Plan, item: JsonObject, parts: list[str], indent: str) -> None:
        try:
            chosen = [plan.properties[name] for name in item]
        except KeyError as error:
            raise _Unwritable(f"{self.name} has no element {error.args[0][:_SHOWN]}") from error
        chosen.sort(key=_POSITION)
        last = None
        for each in chosen:
            # A primitive and its companion are one element.
            if each is not last:
                try:
                    each.write(item, parts, indent)
                except _Unwritable as error:
                    error.path.append(each.name)
                    raise
                last = each


def _write_nothing(_owner: JsonObject, _parts: list[str], _indent: str) -> None:
    """Leave out what stands in the start tag."""


def _write_xhtml(item: object, parts: list[str], indent: str) -> None:
    try:
        parts.append(f"{indent}{canonical_text(item)}")
    except BadValue as error:
        raise _Unwritable(str(error)) from error


def _one(name: str, write_item: _WriteItem) -> _Write:
    def write(owner: JsonObject, parts: list[str], indent: str) -> None:
        write_item(owner[name], parts, indent)

    return write


def _many(name: str, write_item: _WriteItem) -> _Write:
    def write(owner: JsonObject, parts: list[str], indent: str) -> None:
        for index, item in enumerate(_items(owner, name)):
            try:
                write_item(item, parts, indent)
            except _Unwritable as error:
                error.path.append(f"[{index}]")
                raise

    return write


def _primitive(name: str, to_text: WriteValue, writer: TypeWriter) -> _Write:
    write_item = _primitive_item(name, to_text, writer)
    companion_name = f"_{name}"

    def write(owner: JsonObject, parts: list[str], indent: str) -> None:
        write_item(owner.get(name), owner.get(companion_name), parts, indent)

    return write


def _primitives(name: str, to_text: WriteValue, writer: TypeWriter) -> _Write:
    write_item = _primitive_item(name, to_text, writer)
    companion_name = f"_{name}"

    def write(owner: JsonObject, parts: list[str], indent: str) -> None:
        pairs = zip_longest(_items(owner, name), _items(owner, companion_name))
        for index, (value, companion) in enumerate(pairs):
            try:
                write_item(value, companion, parts, indent)
            except _Unwritable as error:
                error.path.append(f"[{index}]")
                raise

    return write


def _primitive_item(
    name: str, to_text: WriteValue, writer: TypeWriter
) -> Callable[[object, object, list[str], str], None]:
    def write(value: object, companion: object, parts: list[str], indent: str) -> None:
        if value is None and companion is not None:
            writer.write(name, companion, parts, indent)
            return
        try:
            text = escape(to_text(value))
        except BadValue as error:
            raise _Unwritable(str(error)) from error
        if companion is None:
            parts.append(f'{indent}<{name} value="{text}"/>')
        else:
            writer.write(name, companion, parts, indent, f' value="{text}"')

    return write


def _items(owner: JsonObject, name: str) -> list[object]:
    items = owner.get(name, [])
    if not isinstance(items, list):
        raise _Unwritable(f"Expected an array, found {kind(items)}")
    return items


def _attribute(name: str, value: object) -> str:
    try:
        return escape(write_string(value))
    except BadValue as error:
        raise _Unwritable(str(error), f".{name}") from error


def _deeper(indent: str) -> str:
    return indent and indent + _STEP


_POSITION = attrgetter("position")
