"""Which index a query reads, and which of its keys.

A plan never decides what matches: every document it yields is still matched by the filter. It
only has to yield all that match, and, where it says so, in the order of the sort.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from psolink.embedded import ordering
from psolink.embedded.bounds import Bound, Interval, Intervals, intersect
from psolink.embedded.catalogue import PRIMARY, Collection, Index
from psolink.embedded.index_keys import Fields

_MAX_INTERVALS: Final = 2_000
_EVERYTHING: Final = ((b"", b"\xff"),)
# Ranges are compared by counting their keys, as far as this.
MAX_COUNTED: Final = 1_000
# To read that many documents takes longer than to count ranges that far, and see which is less.
_MAX_RECOUNTED: Final = 20_000


@dataclass(frozen=True, slots=True)
class IndexScan:
    """Read the keys of `index` that lie in `intervals`, in ascending or descending order."""

    index: Index
    intervals: Intervals = _EVERYTHING
    reverse: bool = False
    sorted: bool = False
    used: tuple[Bound, ...] = ()

    @property
    def may_repeat(self) -> bool:
        """Tell whether the scan can meet a document more than once."""
        return bool(self.index.arrays)

    @property
    def is_lookup(self) -> bool:
        """Tell whether every interval holds one document at most."""
        return self.index is PRIMARY and all(bound.exact for bound in self.used)


@dataclass(frozen=True, slots=True)
class CollectionScan:
    """Read every document."""

    sorted: bool = False


Plan = IndexScan | CollectionScan
# Counts the keys of a scan, up to a limit.
Estimate = Callable[[IndexScan, int], int]


def choose(
    collection: Collection,
    bounds: Sequence[Bound],
    sort: Fields,
    estimate: Estimate,
    *,
    large: int = MAX_COUNTED,
    indexes: Sequence[Index] | None = None,
) -> Plan:
    """Return the plan that is expected to read least, using `indexes` only if they are given.

    An index that gives the order of the sort is preferred to a range of `large` keys or more.
    """
    usable = collection.all_indexes if indexes is None else indexes
    scans = [scan for index in usable for scan in _scans(index, bounds, sort)]
    bounded = [scan for scan in scans if scan.used]
    ordered = [scan for scan in scans if scan.sorted]
    ordered.sort(key=lambda scan: len(scan.used), reverse=True)
    if bounded:
        smallest, size = _smallest(bounded, estimate, large)
        if size < large:
            return smallest
        return ordered[0] if ordered else _smallest(bounded, estimate, _MAX_RECOUNTED)[0]
    if ordered:
        return ordered[0]
    return CollectionScan() if indexes is None else IndexScan(indexes[0])


def _smallest(scans: list[IndexScan], estimate: Estimate, large: int) -> tuple[IndexScan, int]:
    """Return a scan of about the fewest keys and their number, which is `large` at most.

    Scans that seem better are looked at first, so that counting the others can end early: only
    one of less than half the keys is worth being found. What uses a part of the bounds of another
    scan finds no fewer documents.
    """
    scans.sort(key=_promise)
    best, least, limit = scans[0], large, large
    counted: list[frozenset[int]] = []
    for scan in scans:
        used = frozenset(map(id, scan.used))
        if any(used <= each for each in counted):
            continue
        counted.append(used)
        size = len(scan.intervals) if scan.is_lookup else estimate(scan, limit)
        if size < limit:
            best, least, limit = scan, size, max(1, size // 2)
        if scan.is_lookup:
            break
    return best, least


def _promise(scan: IndexScan) -> tuple[bool, int, int, bool]:
    # Of two that use as many bounds, that one comes first which is bounded on both sides.
    return (
        not scan.is_lookup,
        -len(scan.used),
        len({bound.path for bound in scan.used}),
        not scan.sorted,
    )


def _scans(index: Index, bounds: Sequence[Bound], sort: Fields) -> Iterator[IndexScan]:
    """Return the ways to read `index`: one for each element condition that can lead."""
    first, _ = index.pattern.fields[0]
    if not any(bound.path == first for bound in bounds):
        order = _order(index, 0, sort)
        if order is not None:
            yield IndexScan(index, reverse=order == -1, sorted=True)
        return
    names = {path for path, _ in index.pattern.fields}
    relevant = [bound for bound in bounds if bound.path in names]
    seen: set[Intervals] = set()
    for leader in dict.fromkeys(bound.group for bound in relevant):
        ranked = sorted(relevant, key=lambda bound: (bound.group != leader, not bound.exact))
        scan = _scan(index, ranked, sort)
        if scan.intervals not in seen:
            seen.add(scan.intervals)
            yield scan


def _scan(index: Index, bounds: Sequence[Bound], sort: Fields) -> IndexScan:
    """Return the scan that follows `bounds`, of which the first are preferred."""
    prefixes = [b""]
    intervals: Sequence[Interval] = _EVERYTHING
    used: list[Bound] = []
    fixed = 0
    is_ordered = True
    for path, direction in index.pattern.fields:
        chosen = _chosen(path, bounds, used, index.arrays)
        steps = sorted(_directed(each, direction) for each in _narrowed(chosen, index.arrays))
        if not chosen or len(prefixes) * len(steps) > _MAX_INTERVALS:
            break
        used += chosen
        # Several intervals of the last field follow each other if all that leads to them is one.
        is_ordered = len(prefixes) == 1
        intervals = [(head + low, head + high) for head in prefixes for low, high in steps]
        if not chosen[0].exact:
            break
        prefixes = [low for low, _ in intervals]
        fixed += len(prefixes) == 1
    order = _order(index, fixed, sort) if is_ordered else None
    return IndexScan(index, tuple(intervals), order == -1, order is not None, tuple(used))


def _chosen(
    path: str, bounds: Sequence[Bound], used: list[Bound], arrays: frozenset[str]
) -> list[Bound]:
    """Return the bounds of `path` that hold together with those in use and with each other."""
    chosen: list[Bound] = []
    for bound in bounds:
        if bound.path != path or (chosen and (chosen[0].exact or bound.exact)):
            continue
        if all(_compatible(bound, other, arrays) for other in (*used, *chosen)):
            chosen.append(bound)
    return chosen


def _compatible(one: Bound, other: Bound, arrays: frozenset[str]) -> bool:
    """Tell whether one key has to satisfy both bounds.

    Where both paths pass an array, different elements may satisfy them, unless it is the array
    whose element both speak of.
    """
    same = one.group == other.group
    return not any(
        _passes(one.path, array)
        and _passes(other.path, array)
        and not (same and len(array) <= len(one.root))
        for array in arrays
    )


def _passes(path: str, array: str) -> bool:
    return path == array or path.startswith(f"{array}.")


def _narrowed(chosen: list[Bound], arrays: frozenset[str]) -> Intervals:
    """Return the keys that satisfy all of the bounds."""
    kept = [
        bound.intervals
        if bound.narrowed is None or not _compatible(bound, bound, arrays)
        else bound.narrowed
        for bound in chosen
    ]
    narrowed = kept[0] if kept else ()
    for other in kept[1:]:
        narrowed = intersect(narrowed, other)
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
