"""The keys under which a document stands in an index, or by which it is sorted.

A field that is an array gives one key for each element. A compound key may pass one array only.

https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from psolink.embedded import ordering, paths
from psolink.embedded.documents import MISSING, Document
from psolink.embedded.errors import Code, CommandError, bad_value

Fields = tuple[tuple[str, int], ...]
# The key of a field, or the array at which its path ends or which it has yet to pass.
_Component = bytes | tuple[list[object], paths.Parts]

# What an empty array holds, so that it has a key, too.
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """The fields of an index or of a sort, each ascending (1) or descending (-1)."""

    fields: Fields
    parts: tuple[paths.Parts, ...] = field(compare=False)

    @classmethod
    def of(cls, fields: Fields) -> "KeyPattern":
        """Return the pattern of `fields`; a path that cannot be indexed is refused."""
        return cls(fields, tuple(paths.parse(path) for path, _ in fields))

    def indexed(self, document: Document) -> Document:
        """Return the part of the document on which its keys depend."""
        roots = dict.fromkeys(parts[0] for parts in self.parts)
        return {name: document[name] for name in roots if name in document}

    def keys(self, document: Document) -> tuple[set[bytes], set[str]]:
        """Return the document's keys and the paths at which it has arrays."""
        arrays: set[str] = set()
        rows = self._rows([_reach(document, parts) for parts in self.parts], arrays)
        join = self._join if any(direction < 0 for _, direction in self.fields) else b"".join
        return set(map(join, rows)), arrays

    def sort_key(self, document: Document) -> bytes:
        """Return the least of the document's keys: the one that decides its place in a sort."""
        try:
            keys, _ = self.keys(document)
        except CommandError:
            raise bad_value("cannot sort with keys that are parallel arrays") from None
        return min(keys)

    def _join(self, row: list[bytes]) -> bytes:
        return b"".join(
            component if direction > 0 else ordering.descending(component)
            for component, (_, direction) in zip(row, self.fields, strict=True)
        )

    def _rows(self, row: list[_Component], arrays: set[str]) -> Iterator[list[bytes]]:
        """Return `row` once for each element of the array that it passes."""
        array: list[object] | None = None
        for position, component in enumerate(row):
            if isinstance(component, bytes):
                continue
            if array is not None and component[0] is not array:
                raise CommandError(
                    Code.CannotIndexParallelArrays, "cannot index parallel arrays in one document"
                )
            array, rest = component
            parts = self.parts[position]
            arrays.add(".".join(parts[: len(parts) - len(rest)]))
        if array is None:
            yield [component for component in row if isinstance(component, bytes)]
            return
        for item in array or (_NOTHING,):
            yield from self._rows([_enter(component, item) for component in row], arrays)


def _reach(node: object, parts: paths.Parts) -> _Component:
    """Return the key at the path, or the first array on it with the rest of the path."""
    for depth, part in enumerate(parts):
        if isinstance(node, dict):
            node = node.get(part, MISSING)
        elif isinstance(node, list):
            return node, parts[depth:]
        else:
            return ordering.NULL_KEY
    return (node, ()) if isinstance(node, list) else ordering.key(node)


def _enter(component: _Component, item: object) -> _Component:
    """Return the component for one element of the array that it passes."""
    if isinstance(component, bytes):
        return component
    _, rest = component
    if rest:
        return _reach(item, rest) if isinstance(item, dict) else ordering.NULL_KEY
    return ordering.EMPTY_ARRAY_KEY if item is _NOTHING else ordering.key(item)
