"""find, getMore, killCursors, count, distinct and aggregate."""

from collections.abc import Iterator

from bson import Int64

from psolink.embedded import aggregation, ordering, paths
from psolink.embedded.catalogue import Namespace
from psolink.embedded.commands import options
from psolink.embedded.cursors import Cursor
from psolink.embedded.documents import MAX_DOCUMENT_BYTES, MISSING, Document, encode, raw
from psolink.embedded.engine import Engine, Request
from psolink.embedded.errors import Code, CommandError, not_implemented
from psolink.embedded.projection import compile_projection
from psolink.embedded.query import Query, compile_query
from psolink.embedded.storage import Stored

_FIRST_BATCH = 101


def find(engine: Engine, request: Request) -> Document:
    """Return the first batch of the documents that match a filter.

    https://www.mongodb.com/docs/manual/reference/command/find/
    """
    body = request.body
    wanted = find_query(request)
    project = compile_projection(options.get(body, "projection", dict, {}))

    def render(found: Iterator[Stored]) -> Iterator[bytes]:
        if project is None:
            return (stored.body for stored in found)
        return (encode(project(stored.document)) for stored in found)

    size = options.not_negative(body, "batchSize", _FIRST_BATCH)
    with engine.storage.turns.taken():
        return _open(engine, request, engine.cursor(request, wanted, render), size)


def find_query(request: Request) -> Query:
    """Return what a find looks for."""
    options.check_command(
        request,
        (
            "filter", "sort", "projection", "hint", "skip", "limit", "batchSize", "singleBatch",
            "allowDiskUse", "noCursorTimeout",
        ),
    )  # fmt: skip
    if request.body.get("noCursorTimeout"):
        raise not_implemented("noCursorTimeout")
    return _query(request, "filter", sort=options.get(request.body, "sort", dict, {}))


def _query(request: Request, field: str, sort: Document | None = None) -> Query:
    body = request.body
    return compile_query(
        options.get(body, field, dict, {}),
        sort=sort,
        skip=options.not_negative(body, "skip"),
        limit=options.not_negative(body, "limit"),
        hint=options.hint(body),
        deadline=request.deadline,
    )


def _open(engine: Engine, request: Request, cursor: Cursor, size: int) -> Document:
    """Return the first batch, and the number of the cursor if there is more."""
    try:
        batch = cursor.next_batch(size)
        single = options.get(request.body, "singleBatch", bool, default=False)
        if cursor.exhausted or single:
            number = 0
            cursor.close()
        else:
            number = engine.cursors.add(cursor)
            cursor.rest()
    except BaseException:
        cursor.close()
        raise
    return options.cursor_answer(request, number, "firstBatch", [raw(body) for body in batch])


def get_more(engine: Engine, request: Request) -> Document:
    """Return the next batch of a cursor.

    https://www.mongodb.com/docs/manual/reference/command/getMore/
    """
    body = request.body
    options.check_command(request, ("collection", "batchSize"))
    number = options.cursor_number(body["getMore"])
    namespace = Namespace(request.database, options.required(body, "collection", str, "getMore"))
    cursor = engine.cursors.get(number, namespace, request.transaction)
    size = options.not_negative(body, "batchSize") or None
    try:
        with cursor.guard:
            batch = cursor.next_batch(size)
    except BaseException:
        engine.cursors.close(number)
        raise
    if cursor.exhausted:
        engine.cursors.close(number)
        number = 0
    return options.cursor_answer(request, number, "nextBatch", [raw(each) for each in batch])


def kill_cursors(engine: Engine, request: Request) -> Document:
    """Close cursors.

    https://www.mongodb.com/docs/manual/reference/command/killCursors/
    """
    options.check_command(request, ("cursors",))
    wanted = options.required(request.body, "cursors", list, "killCursors")
    numbers = [options.cursor_number(each) for each in wanted]
    killed = [Int64(number) for number in numbers if engine.cursors.close(number)]
    absent = [Int64(number) for number in numbers if number not in killed]
    return {
        "cursorsKilled": killed,
        "cursorsNotFound": absent,
        "cursorsAlive": [],
        "cursorsUnknown": [],
        "ok": 1.0,
    }


def count(engine: Engine, request: Request) -> Document:
    """Return how many documents match.

    https://www.mongodb.com/docs/manual/reference/command/count/
    """
    options.check_command(request, ("query", "skip", "limit", "hint", "fields"))
    wanted = _query(request, "query")
    if not request.body.get("query") and not wanted.skip and not wanted.limit:
        with engine.storage.snapshot() as snapshot:
            collection = snapshot.collection(request.namespace)
            return {"n": snapshot.count(collection) if collection else 0, "ok": 1.0}
    return engine.read(request, lambda found: {"n": sum(1 for _ in found), "ok": 1.0}, wanted)


def distinct(engine: Engine, request: Request) -> Document:
    """Return the different values at a path.

    https://www.mongodb.com/docs/manual/reference/command/distinct/
    """
    options.check_command(request, ("key", "query"))
    parts = paths.parse(options.required(request.body, "key", str, "distinct"))

    def answer(found: Iterator[Stored]) -> Document:
        values: dict[bytes, object] = {}
        total = 0
        for stored in found:
            for value in paths.elements(paths.leaves(stored.document, parts)):
                key = ordering.key(value) if value is not MISSING else b""
                if key and key not in values:
                    values[key] = value
                    total += len(key)
            if total > MAX_DOCUMENT_BYTES:
                raise _too_many_values()
        result = {"values": [values[key] for key in sorted(values)], "ok": 1.0}
        if len(encode(result)) > MAX_DOCUMENT_BYTES:
            raise _too_many_values()
        return result

    return engine.read(request, answer, _query(request, "query"))


def _too_many_values() -> CommandError:
    return CommandError(Code.BSONObjectTooLarge, "distinct too big, 16mb cap")


def aggregate(engine: Engine, request: Request) -> Document:
    """Return the first batch of what a pipeline makes of a collection.

    https://www.mongodb.com/docs/manual/reference/command/aggregate/
    """
    body = request.body
    options.check_command(request, ("pipeline", "cursor", "hint", "allowDiskUse"))
    if not isinstance(body["aggregate"], str):
        raise not_implemented("aggregate on a whole database")
    stages = options.required(body, "pipeline", list, "aggregate")
    settings = options.required(body, "cursor", dict, "aggregate")
    pipeline = aggregation.compile_pipeline(stages)
    wanted = compile_query(
        pipeline.filter,
        sort=pipeline.sort,
        hint=options.hint(body),
        deadline=request.deadline,
    )

    def render(found: Iterator[Stored]) -> Iterator[bytes]:
        fields = pipeline.fields
        documents = (
            stored.document if fields is None else stored.fields(fields) for stored in found
        )
        return map(encode, pipeline.run(documents))

    size = options.not_negative(settings, "batchSize", _FIRST_BATCH)
    with engine.storage.turns.taken():
        return _open(engine, request, engine.cursor(request, wanted, render), size)
