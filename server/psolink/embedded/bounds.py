"""What a filter says about the keys of an index.

A bound is a set of key intervals, one of which holds a key of every document that matches.

https://www.mongodb.com/docs/manual/core/multikey-index-bounds/
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Final

from bson import Regex

from psolink.embedded import ordering
from psolink.embedded.documents import Document
from psolink.embedded.matcher import LOGICAL, branches, is_operators
from psolink.embedded.regexes import compile_regex

# Keys from the first, up to but without the second.
Interval = tuple[bytes, bytes]
Intervals = tuple[Interval, ...]
# Intervals, and whether each of them is a single value.
Keys = tuple[Intervals, bool]


@dataclass(frozen=True, slots=True)
class Bound:
    """The keys of one path. Bounds of one `group` speak of one element of the array at `root`.

    `narrowed` are the keys that are left where one value has to keep all conditions on the path.
    """

    path: str
    intervals: Intervals
    exact: bool  # every interval is a single value
    group: int = 0
    root: str = ""
    narrowed: Intervals | None = None


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose fields a filter speaks of: those of the document or of one element of an array."""

    groups: Iterator[int]
    group: int = 0
    root: str = ""
    prefix: str = ""

    def element(self, path: str) -> "_Scope":
        """Return the scope of one element of the array at `path`."""
        return _Scope(self.groups, next(self.groups), path, f"{path}.")

    def apart(self) -> "_Scope":
        """Return the scope of bounds that another element may keep than any other bound."""
        return _Scope(self.groups, next(self.groups), "", self.prefix)


def bounds(query: Mapping[str, object]) -> list[Bound]:
    """Return the bounds that every document that matches `query` keeps."""
    return list(_conjunction(query, _Scope(count(1))))


def _conjunction(query: Mapping[str, object], scope: _Scope) -> Iterator[Bound]:
    for name, operand in query.items():
        if name == "$and":
            for branch in branches(name, operand):
                yield from _conjunction(branch, scope)
        elif name == "$or":
            yield from _alternatives(branches(name, operand), scope)
        elif name not in LOGICAL:
            yield from _field(scope.prefix + name, operand, scope)


def _alternatives(alternatives: list[Document], scope: _Scope) -> Iterator[Bound]:
    """Return, for each path that every alternative bounds, the union of those bounds."""
    sides = [list(_conjunction(alternative, scope)) for alternative in alternatives]
    for path in dict.fromkeys(bound.path for bound in sides[0]):
        firsts = [next((each for each in side if each.path == path), None) for side in sides]
        present = [each for each in firsts if each is not None]
        if len(present) == len(sides):
            exact = all(each.exact for each in present)
            union = [interval for each in present for interval in each.intervals]
            narrowed = merge(
                chain.from_iterable(_together(path, side) for side in sides), join=True
            )
            yield Bound(
                path,
                merge(union, join=not exact),
                exact,
                scope.group,
                scope.root,
                None if exact or not narrowed else narrowed,
            )


def _together(path: str, side: list[Bound]) -> Intervals:
    """Return the keys that keep all bounds of `path` that speak of the same element."""
    first, *others = [each for each in side if each.path == path]
    kept = first.narrowed or first.intervals
    for other in others:
        if other.group == first.group:
            kept = intersect(kept, other.narrowed or other.intervals)
    return kept


def _field(path: str, operand: object, scope: _Scope) -> Iterator[Bound]:
    operators: Document = {"$eq": operand}
    if isinstance(operand, dict) and is_operators(operand):
        operators = operand
    for name, value in operators.items():
        if name == "$elemMatch":
            yield from _element(path, value, scope)
        elif name == "$all":
            for each in value:
                yield from _field(path, each, scope.apart())
        else:
            intervals, exact = _intervals(name, value, operators)
            if intervals:
                yield Bound(path, intervals, exact, scope.group, scope.root)


def _element(path: str, operand: Document, scope: _Scope) -> Iterator[Bound]:
    if is_operators(operand) and next(iter(operand)) not in LOGICAL:
        yield from _field(path, operand, scope.element(path))
    else:
        yield from _conjunction(operand, scope.element(path))


def _intervals(name: str, operand: object, siblings: Mapping[str, object]) -> Keys:
    if name == "$regex":
        return _expression(operand, siblings.get("$options", "")), False
    return _OPERATORS[name](operand) if name in _OPERATORS else ((), False)


def _equal_to(operand: object) -> Keys:
    if isinstance(operand, Regex):
        return _expression(operand, ""), False
    # An array equals an array field as a whole, whose elements are what the index holds.
    if isinstance(operand, list):
        return (), False
    return (point(operand),), True


def _one_of(operand: list[object]) -> Keys:
    found = [_equal_to(each) for each in operand]
    if not all(intervals for intervals, _ in found):
        return (), False
    exact = all(exact for _, exact in found)
    union = [interval for intervals, _ in found for interval in intervals]
    return merge(union, join=not exact), exact


def _expression(operand: object, options: object) -> Intervals:
    prefix = compile_regex(operand, options).prefix
    if not prefix:
        return ()
    low = ordering.key(prefix)[:-2]
    return ((low, ordering.successor(low)),)


def _greater(operand: object) -> Keys:
    return _between(ordering.successor(ordering.key(operand)), None, operand), False


def _at_least(operand: object) -> Keys:
    return _between(ordering.key(operand), None, operand), False


def _less(operand: object) -> Keys:
    return _between(None, ordering.key(operand), operand), False


def _at_most(operand: object) -> Keys:
    return _between(None, ordering.successor(ordering.key(operand)), operand), False


def _between(low: bytes | None, high: bytes | None, operand: object) -> Intervals:
    """Return the interval of the keys of the operand's type between `low` and `high`."""
    kind = ordering.tag(operand)
    if kind == ordering.ARRAY:
        return ()
    interval = (low or bytes([kind]), high or bytes([kind + 1]))
    return (interval,) if interval[0] < interval[1] else ()


def point(value: object) -> Interval:
    """Return the interval that holds the key of `value` and no other."""
    encoded = ordering.key(value)
    return encoded, ordering.successor(encoded)


def merge(intervals: Iterable[Interval], *, join: bool) -> Intervals:
    """Return the union of `intervals` in ascending order; `join`: neighbours become one."""
    merged: list[Interval] = []
    for low, high in sorted(intervals):
        last = merged[-1] if merged else (b"", b"")
        if low < last[1] or (join and low == last[1]):
            merged[-1] = (last[0], max(high, last[1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def intersect(one: Intervals, other: Intervals) -> Intervals:
    """Return the keys that are in both."""
    both = [
        (max(low, other_low), min(high, other_high))
        for low, high in one
        for other_low, other_high in other
    ]
    return tuple((low, high) for low, high in sorted(both) if low < high)


_OPERATORS: Final[dict[str, Callable[..., Keys]]] = {
    "$eq": _equal_to,
    "$in": _one_of,
    "$gt": _greater,
    "$gte": _at_least,
    "$lt": _less,
    "$lte": _at_most,
}
