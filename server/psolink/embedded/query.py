"""Finding documents: the plan, the filter, the sort, skip and limit.

https://www.mongodb.com/docs/manual/reference/method/db.collection.find/
"""

import heapq
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from psolink.embedded.bounds import Bound, bounds
from psolink.embedded.catalogue import Collection, Index
from psolink.embedded.deadline import Deadline
from psolink.embedded.documents import Document
from psolink.embedded.errors import Code, CommandError, bad_value
from psolink.embedded.index_keys import KeyPattern
from psolink.embedded.matcher import Predicate, compile_filter, roots
from psolink.embedded.paths import ID
from psolink.embedded.planner import MAX_COUNTED, Plan, choose
from psolink.embedded.storage import Snapshot, Stored

# Documents by key that a transaction has written (None: deleted) and nobody else sees yet.
Overlay = Mapping[bytes, Stored | None]
Hint = str | Document

# What a sort may hold in memory; it is the limit of MongoDB, too.
MAX_SORT_BYTES: Final = 100 * 1024 * 1024
# What Python needs for one row beside its key.
_ROW_BYTES: Final = 200
# So few rows are kept while the others are read, whatever their number.
_FEW: Final = 100_000


@dataclass(frozen=True, slots=True)
class Query:
    """What to find and in which order. `limit` 0: all."""

    matches: Predicate
    fields: frozenset[bytes]  # those that filter and sort look at
    bounds: tuple[Bound, ...] = ()
    sort: KeyPattern | None = None
    skip: int = 0
    limit: int = 0
    hint: Hint | None = field(default=None)
    deadline: Deadline | None = None


def compile_query(
    query: Document,
    *,
    sort: Document | None = None,
    skip: int = 0,
    limit: int = 0,
    hint: Hint | None = None,
    deadline: Deadline | None = None,
) -> Query:
    """Return the query for a filter; a filter or sort that is not supported is refused."""
    matches = compile_filter(query)
    order = parse_sort(sort) if sort else None
    sorted_by = (path.partition(".")[0] for path in sort or ())
    fields = frozenset(name.encode() for name in (*roots(query), *sorted_by))
    return Query(matches, fields, tuple(bounds(query)), order, skip, limit, hint, deadline)


def parse_sort(sort: Document) -> KeyPattern:
    """Return the fields of a sort with their directions."""
    for direction in sort.values():
        if isinstance(direction, bool) or direction not in (1, -1):
            raise bad_value("a sort direction has to be 1 or -1")
    return KeyPattern.of(tuple((path, int(direction)) for path, direction in sort.items()))


def run(
    snapshot: Snapshot, collection: Collection | None, query: Query, overlay: Overlay
) -> Iterator[Stored]:
    """Return what matches `query` in the snapshot as changed by `overlay`."""
    plan = plan_of(snapshot, collection, query) if collection else None
    found = _unsorted(snapshot, collection, plan, query, overlay)
    is_sorted = plan is not None and plan.sorted and not overlay
    if query.sort is not None and not is_sorted:
        found = _sorted(snapshot, found, query, query.sort)
    end = query.skip + query.limit if query.limit else None
    return itertools.islice(found, query.skip, end)


def plan_of(snapshot: Snapshot, collection: Collection, query: Query) -> Plan:
    """Return how a query reads the collection."""
    return choose(
        collection,
        query.bounds,
        query.sort.fields if query.sort else (),
        lambda scan, limit: snapshot.estimate(collection, scan, limit),
        large=_large(snapshot, query) if query.sort else MAX_COUNTED,
        indexes=_hinted(collection, query.hint) if query.hint else None,
    )


def _large(snapshot: Snapshot, query: Query) -> int:
    """Return how many matches are better sorted by reading in order until enough were met.

    Of `rows` documents, `matches` of which match, reading in order meets `wanted` of them after
    wanted * rows / matches documents; otherwise all matches are read.
    """
    rows = snapshot.last_row()
    wanted = query.skip + query.limit if query.limit else rows
    return max(1, min(math.isqrt(wanted * rows), rows // 2))


def _hinted(collection: Collection, hint: Hint) -> list[Index]:
    wanted = tuple(hint.items()) if isinstance(hint, dict) else None
    for index in collection.all_indexes:
        if index.name == hint or index.pattern.fields == wanted:
            return [index]
    raise bad_value("hint provided does not correspond to an existing index")


def _unsorted(
    snapshot: Snapshot,
    collection: Collection | None,
    plan: Plan | None,
    query: Query,
    overlay: Overlay,
) -> Iterator[Stored]:
    if collection is not None and plan is not None:
        for stored in snapshot.scan(collection, plan):
            if query.deadline is not None:
                query.deadline.check()
            if stored.key not in overlay and query.matches(stored.fields(query.fields)):
                yield stored
    for written in _written(query, overlay):
        if written is not None and query.matches(written.document):
            yield written


def _written(query: Query, overlay: Overlay) -> Iterator[Stored | None]:
    """Return what the overlay holds for the `_id`s that the query asks for."""
    for bound in query.bounds:
        if bound.path == ID and bound.exact:
            return (overlay.get(low) for low, _ in bound.intervals)
    return iter(overlay.values())


_Row = tuple[bytes, int, int | Stored]


def _measured(rows: Iterator[_Row]) -> Iterator[_Row]:
    """Yield the rows; refuse to go on when they do not fit into memory."""
    total = 0
    for row in rows:
        total += len(row[0]) + _ROW_BYTES
        if total > MAX_SORT_BYTES:
            raise CommandError(
                Code.QueryExceededMemoryLimitNoDiskUseAllowed,
                f"Sort exceeded memory limit of {MAX_SORT_BYTES} bytes",
            )
        yield row


def _sorted(
    snapshot: Snapshot, found: Iterator[Stored], query: Query, sort: KeyPattern
) -> Iterator[Stored]:
    """Return `found` sorted, keeping no document in memory but those of the overlay."""
    light = (
        (sort.sort_key(stored.fields(query.fields)), position, stored.row or stored)
        for position, stored in enumerate(found)
    )
    wanted = query.skip + query.limit if query.limit else 0
    if 0 < wanted <= _FEW:
        ordered = heapq.nsmallest(wanted, light)
    else:
        ordered = sorted(_measured(light))[: wanted or None]
    for _, _, place in ordered:
        stored = snapshot.by_row(place) if isinstance(place, int) else place
        if stored is not None:
            yield stored
