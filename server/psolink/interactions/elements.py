"""Change single elements of a resource, as the definitions say where they stand in JSON.

A primitive lies in two properties, its value and beside it, with an underscore, its extensions; in
a list the two run in parallel. https://hl7.org/fhir/R4/json.html#primitive
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psolink.definitions import Definitions
from psolink.definitions.model import Element, TypeDefinition
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node

_VALUE = "value"


class Unfit(Exception):
    """The change does not fit the resource; the text says why."""


@dataclass(frozen=True, slots=True)
class _Item:
    """The value of one element, and what stands beside a primitive."""

    value: Any = None
    beside: Any = None


class _Items:
    """The items of one property of `owner`, with and without the underscore."""

    def __init__(self, owner: JsonObject, element: Element) -> None:
        self._owner, self._element = owner, element
        values = self._listed(owner.get(element.name))
        besides = self._listed(owner.get(f"_{element.name}"))
        length = max(len(values), len(besides))
        padded = (each + [None] * (length - len(each)) for each in (values, besides))
        self.items = [_Item(*pair) for pair in zip(*padded, strict=True)]

    def save(self) -> None:
        """Write the items back; a property without any goes away."""
        self._put(self._element.name, [each.value for each in self.items])
        self._put(f"_{self._element.name}", [each.beside for each in self.items])

    def _listed(self, value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
        if value is None:
            return []
        return list(value) if isinstance(value, list) else [value]

    def _put(self, name: str, values: list[Any]) -> None:
        if all(each is None for each in values):
            self._owner.pop(name, None)
        else:
            self._owner[name] = values if self._element.is_list else values[0]


class Elements:
    """Finds and changes elements by their nodes; what it changes is the resource of the nodes."""

    def __init__(self, definitions: Definitions) -> None:
        self._types = definitions.types

    def add(self, owner: Node, name: str, part: JsonObject) -> None:
        """Put what `part` holds into the element `name` of `owner`, at the end of a list."""
        content = self._attached(owner)
        definition = self._definition(owner)
        element = _element_for(definition, name, part)
        items = _Items(content, element)
        if not element.is_list and (items.items or _is_taken(definition, element, content)):
            raise Unfit(f"{name} has a value already; use replace.")
        items.items.append(self._item(part, element))
        items.save()

    def insert(self, found: Sequence[Node], index: int, part: JsonObject) -> None:
        """Put what `part` holds before the item at `index` of the list that was found."""
        element, items = self._list(found)
        if not 0 <= index <= len(items.items):
            raise Unfit(f"the list has {len(items.items)} items, so that index {index} is none.")
        items.items.insert(index, self._item(part, element))
        items.save()

    def move(self, found: Sequence[Node], source: int, destination: int) -> None:
        """Take the item at `source` out and put it at `destination` of what is left."""
        _, items = self._list(found)
        for index in (source, destination):
            if not 0 <= index < len(items.items):
                raise Unfit(
                    f"the list has {len(items.items)} items, so that index {index} is none."
                )
        items.items.insert(destination, items.items.pop(source))
        items.save()

    def delete(self, node: Node) -> None:
        """Take the element away, and what has nothing else in it."""
        owner = _owner(node)
        items = _Items(self._attached(owner), self._element(node))
        del items.items[node.index or 0]
        items.save()
        self._prune(owner)

    def _prune(self, node: Node) -> None:
        """Take away an element with nothing left in it; a primitive keeps its value."""
        if node.content or node.parent is None:
            return
        items = _Items(self._attached(node.parent), self._element(node))
        index = node.index or 0
        if node.value is None or isinstance(node.value, dict):
            del items.items[index]
        else:
            items.items[index] = _Item(node.value)
        items.save()
        self._prune(node.parent)

    def replace(self, node: Node, part: JsonObject) -> None:
        """Put what `part` holds in place of the element; a choice may get another type."""
        content = self._attached(_owner(node))
        before = self._element(node)
        after = _element_for(self._definition(_owner(node)), node.name, part)
        items = _Items(content, before)
        items.items[node.index or 0] = self._item(part, after)
        if after is not before:
            replaced, items.items = items.items, []
            items.save()
            items = _Items(content, after)
            items.items = replaced
        items.save()

    def _list(self, found: Sequence[Node]) -> tuple[Element, _Items]:
        if not found:
            raise Unfit("the path finds nothing, and has to find a list; use add.")
        first = found[0]
        content = self._attached(_owner(first))
        element = self._element(first)
        items = _Items(content, element)
        of_one_list = all(
            each.parent is not None
            and each.parent.content is first.parent.content  # type: ignore[union-attr]
            and each.name == first.name
            for each in found
        )
        if not (element.is_list and of_one_list and len(found) == len(items.items)):
            raise Unfit("the path has to find a whole list of one element.")
        return element, items

    def _definition(self, node: Node) -> TypeDefinition:
        definition = self._types.get(node.type)
        if definition is None:
            raise Unfit("the path finds a value that is no element of the resource.")
        return definition

    def _element(self, node: Node) -> Element:
        """Return the definition of the element that `node` is."""
        owner = _owner(node)
        definition = self._definition(owner)
        if node.name in definition.elements:
            return definition.elements[node.name]
        for each in definition.choices.get(node.name, ()):
            if each.name in owner.content or f"_{each.name}" in owner.content:
                return each
        raise Unfit("the path finds a value that is no element of the resource.")

    def _attached(self, node: Node) -> JsonObject:
        """Return the object with the children of `node`; a primitive may not have one yet."""
        if isinstance(node.value, dict):
            return node.value
        items = _Items(self._attached(_owner(node)), self._element(node))
        index = node.index or 0
        if not isinstance(items.items[index].beside, dict):
            items.items[index] = _Item(items.items[index].value, {})
            items.save()
        beside: JsonObject = items.items[index].beside
        return beside

    def _item(self, part: JsonObject, element: Element) -> _Item:
        """Return the value of a part: value[x], a resource, or parts for an unnamed type."""
        if "part" in part:
            return _Item(self._backbone(part["part"], element.type))
        if "resource" in part:
            return _Item(part["resource"])
        names = _value_names(part)
        if len(names) != 1:
            raise Unfit("the part value needs a value[x], or parts for an element without a type.")
        return _Item(part.get(names[0]), part.get(f"_{names[0]}"))

    def _backbone(self, parts: Sequence[JsonObject], type_name: str) -> JsonObject:
        definition = self._types.get(type_name)
        built: JsonObject = {}
        for part in parts:
            if definition is None:
                raise Unfit(f"{type_name} has no parts.")
            element = _element_for(definition, part["name"], part)
            items = _Items(built, element)
            if items.items and not element.is_list:
                raise Unfit(f"{part['name']} can stand only once.")
            items.items.append(self._item(part, element))
            items.save()
        return built


def _owner(node: Node) -> Node:
    if node.parent is None:
        raise Unfit("the path finds the resource itself, or a value that is not in it.")
    return node.parent


def _is_taken(definition: TypeDefinition, element: Element, content: JsonObject) -> bool:
    """Tell whether another type of the same choice has a value."""
    if element.choice_of is None:
        return False
    names = [each.name for each in definition.choices[element.choice_of]]
    return any(name in content or f"_{name}" in content for name in names)


def _element_for(definition: TypeDefinition, name: str, part: JsonObject) -> Element:
    """Return the element that FHIRPath calls `name`, which for a choice goes by the value's type."""
    if name in definition.elements:
        return definition.elements[name]
    choices = definition.choices.get(name)
    if choices is None:
        raise Unfit(f"{definition.name} has no element {name[:64]!r}.")
    types = [each.removeprefix(_VALUE) for each in _value_names(part)]
    for each in choices:
        if types and each.name == f"{name}{types[0]}":
            return each
    raise Unfit(f"{definition.name}.{name}[x] cannot be of the type {', '.join(types) or 'none'}.")


def _value_names(part: JsonObject) -> list[str]:
    names = (name.removeprefix("_") for name in part)
    return list(dict.fromkeys(name for name in names if name.startswith(_VALUE)))
