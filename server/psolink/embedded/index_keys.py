"""The keys under which a document stands in an index, or by which it is sorted.

A field that is an array gives one key for each element. A compound key may pass one array only.

https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from psolink.embedded import ordering, paths
from psolink.embedded.documents import MISSING, Document
from psolink.embedded.errors import Code, CommandError, bad_value

Fields = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """The fields of an index or of a sort, each ascending (1) or descending (-1)."""

    fields: Fields
    parts: tuple[paths.Parts, ...] = field(compare=False)

    @classmethod
    def of(cls, fields: Fields) -> "KeyPattern":
        """Return the pattern of `fields`; a path that cannot be indexed is refused."""
        return cls(fields, tuple(paths.parse(path) for path, _ in fields))

    def keys(self, document: Document) -> tuple[set[bytes], set[str]]:
        """Return the document's keys and the paths at which it has arrays."""
        arrays: set[str] = set()
        rows = _rows(document, self.parts, (), arrays)
        return {self._join(row) for row in rows}, arrays

    def sort_key(self, document: Document) -> bytes:
        """Return the least of the document's keys: the one that decides its place in a sort."""
        try:
            keys, _ = self.keys(document)
        except CommandError:
            raise bad_value("cannot sort with keys that are parallel arrays") from None
        return min(keys)

    def _join(self, row: list[bytes]) -> bytes:
        if len(row) == 1 and self.fields[0][1] > 0:
            return row[0]
        return b"".join(
            component if direction > 0 else ordering.descending(component)
            for component, (_, direction) in zip(row, self.fields, strict=True)
        )


def _walk(node: object, parts: paths.Parts) -> tuple[object, int]:
    """Return what is at the path or the first array on it, and how many parts were passed."""
    for depth, part in enumerate(parts):
        if isinstance(node, list):
            return node, depth
        if not isinstance(node, dict):
            return MISSING, depth
        node = node.get(part, MISSING)
    return node, len(parts)


def _rows(
    node: object, patterns: Sequence[paths.Parts], before: paths.Parts, arrays: set[str]
) -> list[list[bytes]]:
    """Return the components of every key of `node`, and note in `arrays` where arrays are."""
    row: list[bytes] = []
    through: dict[int, paths.Parts] = {}
    array: list[object] = []
    array_path: paths.Parts | None = None
    for position, parts in enumerate(patterns):
        value, depth = _walk(node, parts)
        if not isinstance(value, list):
            row.append(ordering.key(value))
            continue
        if array_path not in (None, parts[:depth]):
            raise CommandError(
                Code.CannotIndexParallelArrays,
                f"cannot index parallel arrays [{parts[depth - 1]}] [{(array_path or ('',))[-1]}]",
            )
        array, array_path = value, parts[:depth]
        through[position] = parts[depth:]
        row.append(b"")
    if array_path is None:
        return [row]
    path = before + array_path
    arrays.add(".".join(path))
    return _element_rows(row, array, through, path, arrays)


def _element_rows(
    row: list[bytes],
    array: list[object],
    through: dict[int, paths.Parts],
    path: paths.Parts,
    arrays: set[str],
) -> list[list[bytes]]:
    """Return `row` once for each key of each element of the array that `through` passes."""
    ends = [position for position, rest in through.items() if not rest]
    inner = [position for position, rest in through.items() if rest]
    rests = [through[position] for position in inner]
    found: list[list[bytes]] = []
    for item in array or (None,):
        end_key = ordering.key(item) if array else ordering.EMPTY_ARRAY_KEY
        nested = item if isinstance(item, dict) else {}
        for inner_row in _rows(nested, rests, path, arrays) if inner else [[]]:
            complete = row.copy()
            for position in ends:
                complete[position] = end_key
            for position, component in zip(inner, inner_row, strict=True):
                complete[position] = component
            found.append(complete)
    return found
