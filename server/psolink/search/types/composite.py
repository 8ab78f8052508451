"""https://hl7.org/fhir/R4/search.html#composite.

An item holds what all components find at one place: the first of them as an item of its own type,
in the array of that type, and the others beside it as documents. So one item has to meet all.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Expression, Node
from psolink.search.escapes import split
from psolink.search.search_type import (
    Asked,
    Index,
    MalformedValue,
    SearchType,
    Source,
    Term,
)

_OTHERS = ("second", "third", "fourth", "fifth")


@dataclass(frozen=True, slots=True)
class Part:
    """One component: where it looks, its type, and what indexes the values of a FHIR type."""

    code: str
    expression: Expression
    search_type: SearchType
    index_of: Callable[[str], Index | None]
    targets: tuple[str, ...] = ()

    def items(self, node: Node, root: Node, source: Source) -> list[JsonObject]:
        """Return the items of the values found from `node`, which lies in `root`."""
        found: list[JsonObject] = []
        for value in self.expression(node, resource=root):
            index = self.index_of(value.type)
            if index is not None:
                found.extend(index(value, source))
        return found


def composite(parts: Sequence[Part], types: frozenset[str]) -> SearchType | None:
    """Return the search type of components that are taken from nodes of `types`.

    None where there are more components than a composite of R4 has.
    """
    if not 0 < len(parts) <= len(_OTHERS) + 1:
        return None

    def index(node: Node, source: Source) -> Iterator[JsonObject]:
        root = _root(node)
        for first, *others in product(*(part.items(node, root, source) for part in parts)):
            yield {**first, **dict(zip(_OTHERS, others, strict=False))}

    def parse(value: str, asked: Asked) -> Term:
        values = split(value, "$")
        if len(values) != len(parts):
            expected = "$".join(part.code for part in parts)
            raise MalformedValue(f"{len(parts)} values are expected: {expected}")
        terms = [
            part.search_type.parse(each, replace(asked, targets=part.targets))
            for part, each in zip(parts, values, strict=True)
        ]
        named = zip(("", *_OTHERS), terms, strict=False)
        conditions = [_within(name, term.condition) for name, term in named]
        return Term("$".join(term.text for term in terms), {"$and": conditions})

    array = parts[0].search_type.array
    return SearchType(array, dict.fromkeys(types, index), parse, keeps_presence=False)


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _within(name: str, condition: JsonObject) -> JsonObject:
    """Return a condition on an item as one on the document `name` in it."""
    if not name:
        return condition
    return {
        key: [_within(name, each) for each in operand] if key in ("$or", "$and") else operand
        for key, operand in (
            (key if key.startswith("$") else f"{name}.{key}", operand)
            for key, operand in condition.items()
        )
    }
