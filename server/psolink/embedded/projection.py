"""Projections: which fields of a document an answer holds.

https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#projection
"""

from collections.abc import Callable, Mapping
from typing import Final

from psolink.embedded import paths
from psolink.embedded.documents import Document
from psolink.embedded.errors import Code, CommandError, not_implemented

Projection = Callable[[Document], Document]
# Fields by name; None: the whole field, otherwise what of its content.
Tree = dict[str, "Tree | None"]

_MIXED: Final = "Cannot do {} on field {} in {} projection"


def compile_projection(projection: Mapping[str, object]) -> Projection | None:
    """Return what cuts a document down, None if it stays whole."""
    if not projection:
        return None
    choices = {path: _choice(path, value) for path, value in projection.items()}
    with_id = choices.pop(paths.ID, None)
    kinds = set(choices.values())
    if len(kinds) > 1:
        _refuse_mixture(choices)
    including = kinds == {True} or (not kinds and with_id is True)
    tree = _tree(choices)
    if including:
        return _inclusion(tree, with_id=with_id is not False)
    if with_id is False:
        tree[paths.ID] = None
    return lambda document: _without(document, tree)


def _choice(path: str, value: object) -> bool:
    if not isinstance(value, bool | int | float):
        raise not_implemented(f"the projection of '{path}' by an expression or operator")
    return bool(value)


def _refuse_mixture(choices: Mapping[str, bool]) -> None:
    first = next(iter(choices.values()))
    other = next(path for path, choice in choices.items() if choice != first)
    if first:
        message = _MIXED.format("exclusion", other, "inclusion")
        raise CommandError(Code.Location31254, message)
    raise CommandError(Code.Location31253, _MIXED.format("inclusion", other, "exclusion"))


def _tree(choices: Mapping[str, bool]) -> Tree:
    tree: Tree = {}
    for path in choices:
        *outer, last = paths.parse(path)
        node = tree
        for part in outer:
            inner = node.setdefault(part, {})
            if inner is None:
                raise CommandError(Code.Location31249, f"Path collision at {path}")
            node = inner
        if last in node:
            raise CommandError(Code.Location31250, f"Path collision at {path}")
        node[last] = None
    return tree


def _inclusion(tree: Tree, *, with_id: bool) -> Projection:
    def project(document: Document) -> Document:
        chosen = _only(document, tree)
        if with_id and paths.ID in document:
            return {paths.ID: document[paths.ID], **chosen}
        return chosen

    return project


def _only(document: Document, tree: Tree) -> Document:
    chosen: Document = {}
    for name, value in document.items():
        if name in tree:
            inner = tree[name]
            if inner is None:
                chosen[name] = value
            elif isinstance(value, dict):
                chosen[name] = _only(value, inner)
            elif isinstance(value, list):
                chosen[name] = _only_in_array(value, inner)
    return chosen


def _only_in_array(array: list[object], tree: Tree) -> list[object]:
    """Return the subdocuments, cut down; other elements have no fields and vanish."""
    return [
        _only(item, tree) if isinstance(item, dict) else _only_in_array(item, tree)
        for item in array
        if isinstance(item, dict | list)
    ]


def _without(document: Document, tree: Tree) -> Document:
    kept: Document = {}
    for name, value in document.items():
        if name not in tree:
            kept[name] = value
        elif (inner := tree[name]) is not None:
            kept[name] = _without_value(value, inner)
    return kept


def _without_value(value: object, tree: Tree) -> object:
    if isinstance(value, dict):
        return _without(value, tree)
    if isinstance(value, list):
        return [_without_value(item, tree) for item in value]
    return value
