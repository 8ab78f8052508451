"""Collections, indexes and databases: create, list and drop."""

from dataclasses import replace
from typing import Any, Final

from psolink.embedded import index_build
from psolink.embedded.batch import Batch
from psolink.embedded.catalogue import PRIMARY, Collection, Index, Namespace
from psolink.embedded.commands import options
from psolink.embedded.documents import Document
from psolink.embedded.engine import Engine, Request
from psolink.embedded.errors import Code, CommandError, not_implemented
from psolink.embedded.index_keys import KeyPattern
from psolink.embedded.matcher import compile_filter

_MAX_INDEXES: Final = 64


def create(engine: Engine, request: Request) -> Document:
    """Create a collection.

    https://www.mongodb.com/docs/manual/reference/command/create/
    """
    options.check_command(request, ())
    namespace = request.namespace

    def work(batch: Batch) -> Document:
        if batch.snapshot.collection(namespace) is not None:
            raise CommandError(Code.NamespaceExists, f"Collection {namespace} already exists.")
        batch.collection(namespace)
        return {"ok": 1.0}

    return engine.writer.submit(work)


def create_indexes(engine: Engine, request: Request) -> Document:
    """Build indexes that are not there yet.

    https://www.mongodb.com/docs/manual/reference/command/createIndexes/
    """
    options.check_command(request, ("indexes",))
    wanted = [
        _parsed(specification)
        for specification in options.required(request.body, "indexes", list, "createIndexes")
    ]
    namespace = request.namespace
    building: list[Index] = []

    def work(batch: Batch) -> Document:
        building.clear()
        created = batch.snapshot.collection(namespace) is None
        before = len(batch.collection(namespace).indexes)
        for index in wanted:
            building.extend(_begun(batch, namespace, index))
        after = len(batch.collection(namespace).indexes)
        if after >= _MAX_INDEXES:
            raise CommandError(Code.CannotCreateIndex, f"more than {_MAX_INDEXES} indexes")
        return {
            "numIndexesBefore": before + 1,
            "numIndexesAfter": after + 1,
            "createdCollectionAutomatically": created,
            "ok": 1.0,
        }

    answer = engine.writer.submit(work)
    for index in building:
        index_build.complete(engine.writer, namespace, index)
    return answer


def _begun(batch: Batch, namespace: Namespace, index: Index) -> list[Index]:
    """Build an index or begin to; return it where it has to be completed."""
    collection = batch.collection(namespace)
    present = next((each for each in collection.indexes if each.name == index.name), None)
    if _exists(collection, index):
        # Another client builds it: both complete it.
        return [present] if present is not None and not present.is_ready else []
    if index.unique or not batch.snapshot.count(collection):
        batch.add_index(collection, index)
        return []
    return [batch.register_index(collection, replace(index, is_ready=False))]


def _parsed(specification: object) -> Index:
    if not isinstance(specification, dict):
        raise CommandError(Code.TypeMismatch, "an index specification must be an object")
    options.check_fields(
        specification, ("key", "name", "unique", "v", "background", "ns"), "createIndexes.indexes"
    )
    fields = options.required(specification, "key", dict, "createIndexes.indexes")
    if not fields:
        raise CommandError(Code.CannotCreateIndex, "Index keys cannot be an empty field.")
    for direction in fields.values():
        if isinstance(direction, bool) or direction not in (1, -1):
            raise not_implemented("an index that is not ascending (1) or descending (-1)")
    pattern = KeyPattern.of(tuple((path, int(step)) for path, step in fields.items()))
    name = options.required(specification, "name", str, "createIndexes.indexes")
    return Index(0, name, pattern, options.get(specification, "unique", bool, default=False))


def _exists(collection: Collection, index: Index) -> bool:
    """Tell whether the collection has the index; one that contradicts it is refused."""
    if index.pattern.fields == PRIMARY.pattern.fields:
        return True
    for present in (PRIMARY, *collection.indexes):
        same_key = present.pattern == index.pattern
        if same_key and present.name == index.name and present.unique == index.unique:
            return True
        if present.name == index.name:
            raise CommandError(
                Code.IndexKeySpecsConflict,
                f"An existing index has the same name as the requested index: {index.name}",
            )
        if same_key:
            raise CommandError(
                Code.IndexOptionsConflict,
                f"Index already exists with a different name or options: {present.name}",
            )
    return False


def list_indexes(engine: Engine, request: Request) -> Document:
    """Return the indexes of a collection.

    https://www.mongodb.com/docs/manual/reference/command/listIndexes/
    """
    options.check_command(request, ("cursor",))
    with engine.storage.snapshot() as snapshot:
        collection = snapshot.collection(request.namespace)
    if collection is None:
        raise CommandError(Code.NamespaceNotFound, f"ns does not exist: {request.namespace}")
    shown = [index.describe() for index in collection.all_indexes]
    return options.cursor_answer(request, 0, "firstBatch", shown)


def drop_indexes(engine: Engine, request: Request) -> Document:
    """Drop one index, several, or all but that of `_id`.

    https://www.mongodb.com/docs/manual/reference/command/dropIndexes/
    """
    options.check_command(request, ("index",))
    namespace, wanted = request.namespace, request.body.get("index")

    def work(batch: Batch) -> Document:
        collection = batch.snapshot.collection(namespace)
        if collection is None:
            raise CommandError(Code.NamespaceNotFound, f"ns not found {namespace}")
        for index in _chosen(collection, wanted):
            index_build.drop(batch, index.id)
        batch.catalogue_changed()
        return {"nIndexesWas": len(collection.indexes) + 1, "ok": 1.0}

    return engine.writer.submit(work)


def _chosen(collection: Collection, wanted: object) -> list[Index]:
    if wanted == "*":
        return list(collection.indexes)
    found: list[Index] = []
    for each in wanted if isinstance(wanted, list) else [wanted]:
        fields = tuple(each.items()) if isinstance(each, dict) else None
        for index in (PRIMARY, *collection.indexes):
            if index.name == each or index.pattern.fields == fields:
                found.append(index)
                break
        else:
            raise CommandError(Code.IndexNotFound, "index not found")
    if PRIMARY in found:
        raise CommandError(Code.InvalidOptions, "cannot drop _id index")
    return found


def _drop_collection(batch: Batch, collection: Collection) -> None:
    for index in collection.indexes:
        index_build.drop(batch, index.id)
    batch.connection.execute("DELETE FROM documents WHERE collection = ?", (collection.id,))
    batch.connection.execute("DELETE FROM collections WHERE id = ?", (collection.id,))
    batch.catalogue_changed()


def drop(engine: Engine, request: Request) -> Document:
    """Drop a collection.

    https://www.mongodb.com/docs/manual/reference/command/drop/
    """
    options.check_command(request, ())
    namespace = request.namespace

    def work(batch: Batch) -> Document:
        collection = batch.snapshot.collection(namespace)
        if collection is None:
            return {"ok": 1.0}
        _drop_collection(batch, collection)
        return {"ns": str(namespace), "nIndexesWas": len(collection.indexes) + 1, "ok": 1.0}

    return engine.writer.submit(work)


def drop_database(engine: Engine, request: Request) -> Document:
    """Drop every collection of a database.

    https://www.mongodb.com/docs/manual/reference/command/dropDatabase/
    """
    options.check_command(request, ())

    def work(batch: Batch) -> Document:
        for collection in batch.snapshot.catalogue.within(request.database):
            _drop_collection(batch, collection)
        return {"dropped": request.database, "ok": 1.0}

    return engine.writer.submit(work)


def list_collections(engine: Engine, request: Request) -> Document:
    """Return the collections of a database.

    https://www.mongodb.com/docs/manual/reference/command/listCollections/
    """
    body = request.body
    options.check_command(request, ("filter", "nameOnly", "authorizedCollections", "cursor"))
    matches = compile_filter(options.get(body, "filter", dict, {}))
    with engine.storage.snapshot() as snapshot:
        collections = snapshot.catalogue.within(request.database)
    render = _short if body.get("nameOnly") else _full
    shown = [render(collection.namespace) for collection in collections]
    found: list[Any] = [each for each in shown if matches(each)]
    return {
        "cursor": {
            "firstBatch": found,
            "id": 0,
            "ns": f"{request.database}.$cmd.listCollections",
        },
        "ok": 1.0,
    }


def _short(namespace: Namespace) -> Document:
    return {"name": namespace.collection, "type": "collection"}


def _full(namespace: Namespace) -> Document:
    return {
        **_short(namespace),
        "options": {},
        "info": {"readOnly": False},
        "idIndex": PRIMARY.describe(),
    }


def list_databases(engine: Engine, request: Request) -> Document:
    """Return the databases that have a collection.

    https://www.mongodb.com/docs/manual/reference/command/listDatabases/
    """
    options.check_command(request, ("nameOnly", "filter", "authorizedDatabases"))
    matches = compile_filter(options.get(request.body, "filter", dict, {}))
    with engine.storage.snapshot() as snapshot:
        names = snapshot.catalogue.databases()
    shown: list[Document] = [{"name": name, "empty": False} for name in names]
    return {"databases": [each for each in shown if matches(each)], "ok": 1.0}
