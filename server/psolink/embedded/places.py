"""Reading and changing the value at one path of a document that is being updated.

Unlike the path of a filter, that of an update names one place; numbers are array positions.
"""

from typing import Final

from psolink.embedded.documents import MISSING, Document
from psolink.embedded.errors import Code, CommandError, not_implemented
from psolink.embedded.paths import Parts

_MAX_PADDING: Final = 100_000


def parse(path: str) -> Parts:
    """Return the parts of a path in an update."""
    parts = tuple(path.split("."))
    for part in parts:
        if not part:
            raise CommandError(Code.EmptyFieldName, f"the update path '{path}' has an empty part")
        if part.startswith("$"):
            raise not_implemented(f"the positional or '$'-prefixed update path '{path}'")
    return parts


def get(node: object, parts: Parts) -> object:
    """Return the value at the place, MISSING if there is none."""
    for part in parts:
        if isinstance(node, dict):
            node = node.get(part, MISSING)
        elif isinstance(node, list):
            position = int(part) if part.isdigit() else len(node)
            node = node[position] if position < len(node) else MISSING
        else:
            return MISSING
    return node


def put(document: Document, parts: Parts, value: object) -> None:
    """Put `value` at the place; what lacks on the way is created."""
    node: object = document
    for part in parts[:-1]:
        child = get(node, (part,))
        if child is MISSING:
            child = {}
            _assign(node, part, child, parts)
        node = child
    _assign(node, parts[-1], value, parts)


def remove(document: Document, parts: Parts) -> None:
    """Remove the field, if it is there; an array keeps its length and holds null instead."""
    parent = get(document, parts[:-1])
    if isinstance(parent, dict):
        parent.pop(parts[-1], None)
    elif get(parent, parts[-1:]) is not MISSING and isinstance(parent, list):
        parent[int(parts[-1])] = None


def passes_array(document: Document, parts: Parts) -> bool:
    """Tell whether a value on the way to the place is an array."""
    return any(isinstance(get(document, parts[:depth]), list) for depth in range(1, len(parts)))


def _assign(node: object, part: str, value: object, parts: Parts) -> None:
    if isinstance(node, dict):
        node[part] = value
    elif isinstance(node, list) and part.isdigit() and int(part) < len(node) + _MAX_PADDING:
        node.extend([None] * (int(part) + 1 - len(node)))
        node[int(part)] = value
    else:
        raise CommandError(
            Code.PathNotViable, f"Cannot create field '{part}' of '{'.'.join(parts)}'"
        )
