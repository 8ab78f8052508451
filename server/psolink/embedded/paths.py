"""Dotted paths into documents and through arrays.

https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/
"""

from typing import Final

from psolink.embedded.documents import MISSING, Document
from psolink.embedded.errors import Code, CommandError, bad_value

Parts = tuple[str, ...]

ID: Final = "_id"


def parse(path: str) -> Parts:
    """Return the parts of a path in a filter, sort, projection or index.

    Array positions in such paths are refused: what they mean beside fields of the same name
    differs between servers.
    """
    parts = tuple(path.split("."))
    for part in parts:
        if not part:
            raise CommandError(Code.EmptyFieldName, f"the path '{path}' has an empty part")
        if part.startswith("$"):
            raise bad_value(f"the path '{path}' has a part that begins with '$'")
        if part.isdigit():
            raise bad_value(f"array positions in paths are not supported, found '{path}'")
    return parts


def leaves(node: object, parts: Parts, start: int = 0) -> list[object]:
    """Return every value at the path; MISSING stands for a field that is not there.

    Arrays on the way are entered, an array at the end is returned as it is.
    """
    for depth in range(start, len(parts)):
        if isinstance(node, dict):
            node = node.get(parts[depth], MISSING)
        elif isinstance(node, list):
            found: list[object] = []
            for item in node:
                if isinstance(item, dict):
                    found += leaves(item, parts, depth)
            return found
        else:
            return [MISSING]
    return [node]


def elements(values: list[object]) -> list[object]:
    """Return `values` with the elements of arrays in place of the arrays."""
    found: list[object] = []
    for value in values:
        if isinstance(value, list):
            found += value
        else:
            found.append(value)
    return found


def value_at(document: Document, parts: Parts) -> object:
    """Return the value at a path that passes no array."""
    node: object = document
    for part in parts:
        if not isinstance(node, dict):
            return MISSING
        node = node.get(part, MISSING)
    return node
