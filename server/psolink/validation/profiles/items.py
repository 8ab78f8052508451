"""The values of an element in a resource, as nodes with their type and place."""

from collections.abc import Mapping
from itertools import zip_longest

from psolink.definitions import Definitions, Element
from psolink.fhirpath import Node
from psolink.validation.primitives import PRIMITIVES
from psolink.validation.scope import At

Item = tuple[Node, At]

_CHOICE = "[x]"
_OF_ONE = 2


class Items:
    """Finds the values of elements by the tables of R4."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._known: dict[tuple[str, str], Mapping[str, Element]] = {}
        self._kinds: dict[frozenset[str], frozenset[str]] = {}
        self._lineages: dict[str, frozenset[str]] = {}

    def of(self, owner: Node, name: str, at: At) -> list[Item]:
        """Return the values of a child: `value[x]` and `valueQuantity` are both understood."""
        by_property = self._elements(owner.type, name)
        if len(by_property) == _OF_ONE:
            # Nearly every name stands for one element: for its value and its companion.
            return self._values(owner, next(iter(by_property.values())), at)
        present = [key for key in owner.content if key in by_property]
        elements = {by_property[key].name: by_property[key] for key in present}
        return [item for each in elements.values() for item in self._values(owner, each, at)]

    def keys(self, owner: str, name: str) -> frozenset[str]:
        """Return the JSON properties that a child of that name may have in an owner of that type."""
        return frozenset(self._elements(owner, name))

    def kinds(self, names: frozenset[str]) -> frozenset[str]:
        """Return the types that are one of those named, or a form of one."""
        found = self._kinds.get(names)
        if found is None:
            types = self._definitions.types
            found = frozenset(name for name in types if self._is_form(name, names))
            self._kinds[names] = found
        return found

    def _elements(self, type_name: str, name: str) -> Mapping[str, Element]:
        """Return the elements that a name stands for, by the JSON properties that they have."""
        found = self._known.get((type_name, name))
        if found is None:
            found = self._known[type_name, name] = self._find(type_name, name)
        return found

    def _find(self, type_name: str, name: str) -> Mapping[str, Element]:
        definition = self._definitions.types.get(type_name)
        if definition is None:
            return {}
        stem = name.removesuffix(_CHOICE)
        named = definition.elements.get(stem)
        elements = definition.choices.get(stem, ()) if named is None else (named,)
        return {key: each for each in elements for key in (each.name, f"_{each.name}")}

    def is_kind(self, type_name: str, names: frozenset[str]) -> bool:
        """Tell whether a type is one of those named, or a form of one."""
        return type_name in self.kinds(names)

    def lineage(self, type_name: str) -> frozenset[str]:
        """Return the type and those that it is a form of."""
        found = self._lineages.get(type_name)
        if found is None:
            known = type_name in self._definitions.types
            lineage = self._definitions.lineage(type_name) if known else ()
            found = self._lineages[type_name] = frozenset(each.name for each in lineage)
        return found

    def _is_form(self, type_name: str, names: frozenset[str]) -> bool:
        return any(each.name in names for each in self._definitions.lineage(type_name))

    def _values(self, owner: Node, element: Element, at: At) -> list[Item]:
        name = element.choice_of or element.name
        value = owner.content.get(element.name)
        companion = owner.content.get(f"_{element.name}") if element.type in PRIMITIVES else None
        if value is None and companion is None:
            return []
        if not element.is_list:
            return [(self._node(element, value, companion), (at, name, None))]
        values = value if isinstance(value, list) else []
        if companion is None:
            return [
                (self._node(element, each, None), (at, name, index))
                for index, each in enumerate(values)
            ]
        companions = companion if isinstance(companion, list) else []
        pairs = zip_longest(values, companions)
        return [
            (self._node(element, one, beside), (at, name, index))
            for index, (one, beside) in enumerate(pairs)
        ]

    def _node(self, element: Element, value: object, companion: object) -> Node:
        if element.type in PRIMITIVES:
            return Node(value, element.type, companion if isinstance(companion, dict) else {})
        content = value if isinstance(value, dict) else {}
        is_resource = element.type == "Resource"
        return Node(
            value, str(content.get("resourceType", "")) if is_resource else element.type, content
        )
