"""Which index a query reads, and which of its keys.

A plan never decides what matches: every document it yields is still matched by the filter. It
only has to yield all that match, and, where it says so, in the order of the sort.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from psolink.embedded import ordering
from psolink.embedded.bounds import Bound, Interval, Intervals, intersect
from psolink.embedded.catalogue import Collection, Index
from psolink.embedded.index_keys import Fields

_MAX_INTERVALS: Final = 2_000
# A range of this many keys or more is called large. Such a range is read only if there is
# neither a smaller one nor an index that gives the order of the sort.
LARGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class IndexScan:
    """Read the keys of `index` that lie in `intervals`, in ascending or descending order."""

    index: Index
    intervals: Intervals
    reverse: bool = False
    sorted: bool = False
    bounded: int = 0  # how many fields of the index have bounds

    @property
    def may_repeat(self) -> bool:
        """Tell whether the scan can meet a document more than once."""
        return bool(self.index.arrays)


@dataclass(frozen=True, slots=True)
class CollectionScan:
    """Read every document."""

    sorted: bool = False


Plan = IndexScan | CollectionScan
Estimate = Callable[[IndexScan], int]


def choose(
    collection: Collection,
    bounds: Sequence[Bound],
    sort: Fields,
    estimate: Estimate,
    *,
    indexes: Sequence[Index] | None = None,
) -> Plan:
    """Return the plan that is expected to read least."""
    usable = collection.all_indexes if indexes is None else indexes
    scans = [scan for index in usable for scan in _scans(index, bounds, sort)]
    selective = _smallest([scan for scan in scans if scan.bounded], estimate)
    ordered = [scan for scan in scans if scan.sorted] if sort else []
    if selective is not None and (selective[0] < LARGE or not ordered):
        return selective[1]
    if ordered:
        return max(ordered, key=lambda scan: scan.bounded)
    if indexes is not None and scans:
        return scans[0]
    return CollectionScan()


def _smallest(scans: list[IndexScan], estimate: Estimate) -> tuple[int, IndexScan] | None:
    """Return the scan of the fewest keys; of equals a sorted one, then the most bounded."""
    if not scans:
        return None
    sizes = [(estimate(scan), not scan.sorted, -scan.bounded) for scan in scans]
    best = min(range(len(scans)), key=lambda position: sizes[position])
    return sizes[best][0], scans[best]


def _scans(index: Index, bounds: Sequence[Bound], sort: Fields) -> Iterator[IndexScan]:
    """Return the ways to read `index`: one for each element condition that can lead."""
    relevant = [bound for bound in bounds if bound.path in dict(index.pattern.fields)]
    seen: set[Intervals] = set()
    for leader in dict.fromkeys([bound.group for bound in relevant] or [0]):
        ranked = sorted(relevant, key=lambda bound: bound.group != leader)
        scan = _scan(index, ranked, sort)
        if scan.intervals not in seen:
            seen.add(scan.intervals)
            yield scan


def _scan(index: Index, bounds: Sequence[Bound], sort: Fields) -> IndexScan:
    prefixes: list[bytes] = [b""]
    intervals: list[Interval] | None = None
    used: list[Bound] = []
    fixed = 0
    for path, direction in index.pattern.fields:
        chosen = _chosen(path, bounds, used, index.arrays)
        if not chosen:
            break
        narrowed = _narrowed(chosen)
        if len(prefixes) * len(narrowed) > _MAX_INTERVALS:
            break
        used += chosen
        steps = [_directed(each, direction) for each in narrowed]
        steps.sort()
        intervals = [(head + low, head + high) for head in prefixes for low, high in steps]
        if not chosen[0].exact:
            break
        prefixes = [low for low, _ in intervals]
        fixed += len(prefixes) == 1
    if intervals is None:
        intervals = [(b"", b"\xff")]
    found = tuple(intervals)
    order = _order(index, fixed, sort) if len(found) == 1 else None
    return IndexScan(index, found, order == -1, order is not None, len(used))


def _chosen(
    path: str, bounds: Sequence[Bound], used: list[Bound], arrays: frozenset[str]
) -> list[Bound]:
    """Return the bounds of `path` that hold together with those in use and with each other."""
    chosen: list[Bound] = []
    own = [bound for bound in bounds if bound.path == path]
    own.sort(key=lambda bound: not bound.exact)
    for bound in own:
        if chosen and (chosen[0].exact or bound.exact):
            break
        if all(_compatible(bound, other, arrays) for other in (*used, *chosen)):
            chosen.append(bound)
    return chosen


def _compatible(one: Bound, other: Bound, arrays: frozenset[str]) -> bool:
    """Tell whether one key has to satisfy both bounds.

    Where both paths pass an array, different elements may satisfy them, unless it is the array
    whose element both speak of.
    """
    same = one.group == other.group and bool(one.group)
    return not any(
        _passes(one.path, array)
        and _passes(other.path, array)
        and not (same and len(array) <= len(one.root))
        for array in arrays
    )


def _passes(path: str, array: str) -> bool:
    return path == array or path.startswith(f"{array}.")


def _narrowed(chosen: list[Bound]) -> Intervals:
    narrowed = chosen[0].intervals
    for bound in chosen[1:]:
        narrowed = intersect(narrowed, bound.intervals)
    return narrowed


def _directed(interval: Interval, direction: int) -> Interval:
    """Return the interval as it lies in a field of that direction."""
    low, high = interval
    if direction > 0:
        return interval
    return (
        ordering.successor(ordering.descending(high)),
        ordering.successor(ordering.descending(low)),
    )


def _order(index: Index, fixed: int, sort: Fields) -> int | None:
    """Return the direction in which the index gives the order of `sort`, None if it does not.

    The first `fixed` fields of the index have one value each.
    """
    if not sort or any(_passes(path, array) for path, _ in sort for array in index.arrays):
        return None
    constant = {path for path, _ in index.pattern.fields[:fixed]}
    wanted = [(path, direction) for path, direction in sort if path not in constant]
    given = index.pattern.fields[fixed : fixed + len(wanted)]
    for sign in (1, -1):
        if [(path, direction * sign) for path, direction in given] == wanted:
            return sign
    return None
