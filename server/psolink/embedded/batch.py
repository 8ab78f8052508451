"""Writing documents and their index entries within one SQLite transaction."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from psolink.embedded import paths, query
from psolink.embedded.catalogue import Collection, Index, Namespace, index_definition
from psolink.embedded.catalogue_cache import CatalogueCache
from psolink.embedded.documents import MISSING, Document, decode, encode
from psolink.embedded.errors import Code, CommandError, write_conflict
from psolink.embedded.locks import Blocked, LockTable
from psolink.embedded.storage import Snapshot, Stored


@dataclass(frozen=True, slots=True)
class Change:
    """One document before and after, as BSON; None: it is not there."""

    namespace: Namespace
    key: bytes
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class _Edit:
    """The index entries that a change takes away and adds."""

    change: Change
    collection: Collection
    current: Stored | None
    document: Document
    removed: tuple[tuple[Index, bytes], ...]
    added: tuple[tuple[Index, bytes], ...]


class Batch:
    """The writes of `owner` in one SQLite transaction; each `apply` is all or nothing."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        catalogues: CatalogueCache,
        locks: LockTable,
        owner: object,
    ) -> None:
        self.connection = connection
        self.snapshot = Snapshot(connection, catalogues)
        self._catalogues = catalogues
        self._locks = locks
        self._owner = owner

    def owned_by(self, owner: object) -> "Batch":
        """Return this batch writing with the locks of `owner`."""
        return Batch(self.connection, self._catalogues, self._locks, owner)

    def find(self, namespace: Namespace, wanted: query.Query) -> Iterator[Stored]:
        """Return what matches now."""
        return query.run(self.snapshot, self.snapshot.collection(namespace), wanted, {})

    def get(self, namespace: Namespace, key: bytes) -> Stored | None:
        """Return the document with the encoded `_id` `key`."""
        collection = self.snapshot.collection(namespace)
        return self.snapshot.get(collection, key) if collection else None

    def write(self, change: Change) -> None:
        """Write one document."""
        self.apply([change])

    def apply(self, changes: Sequence[Change]) -> None:
        """Write all the documents or none; what one of them gives up, another may take."""
        self.connection.execute("SAVEPOINT changes")
        try:
            self._apply(changes)
        except BaseException:
            # A full disk makes SQLite end the whole transaction, and the savepoint with it.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO changes")
                self.connection.execute("RELEASE changes")
            raise
        self.connection.execute("RELEASE changes")

    def _apply(self, changes: Sequence[Change]) -> None:
        edits = [self._edit(change) for change in changes]
        for edit in edits:
            for index, key in edit.removed:
                self._remove_entry(index, key, edit.current)
        for edit in edits:
            self._check_unique(edit)
            row = self._write_row(edit)
            self.connection.executemany(
                "INSERT INTO entries (key_index, key, document) VALUES (?, ?, ?)",
                [(index.id, key, row) for index, key in edit.added],
            )

    def collection(self, namespace: Namespace) -> Collection:
        """Return the collection of that name; it is created if there is none."""
        found = self.snapshot.collection(namespace)
        if found is not None:
            return found
        self.connection.execute(
            "INSERT INTO collections (database, name) VALUES (?, ?)", tuple(namespace)
        )
        self.catalogue_changed()
        return self.collection(namespace)

    def catalogue_changed(self) -> None:
        """Give the catalogue a new version."""
        version = self._catalogues.next_version()
        self.connection.execute("UPDATE catalogue_version SET version = ?", (version,))

    def register_index(self, collection: Collection, index: Index) -> Index:
        """Keep an index from now on, without the documents that are there."""
        made = self.connection.execute(
            "INSERT INTO indexes (collection, definition) VALUES (?, ?)",
            (collection.id, encode(index_definition(index))),
        )
        self.catalogue_changed()
        return replace(index, id=made.lastrowid or 0)

    def add_index(self, collection: Collection, index: Index) -> None:
        """Build an index from the documents that are there, all at once."""
        index = self.register_index(collection, index)
        rows = self.connection.execute(
            "SELECT id, key, body FROM documents WHERE collection = ?", (collection.id,)
        )
        for stored in (Stored(*row) for row in rows):
            keys, arrays = index.pattern.keys(stored.document)
            index = self.with_arrays(index, arrays)
            for key in keys:
                if index.unique and self.snapshot.owners(index, key):
                    raise duplicate(collection.namespace, index, stored.document)
                self.connection.execute(
                    "INSERT INTO entries (key_index, key, document) VALUES (?, ?, ?)",
                    (index.id, key, stored.row),
                )

    def remember(self, session: bytes, number: int, reply: bytes, day: int) -> None:
        """Keep the reply to a write that the client may send again."""
        self.connection.execute(
            "INSERT OR REPLACE INTO retries (session, number, reply, day) VALUES (?, ?, ?, ?)",
            (session, number, reply, day),
        )

    def _lock(self, resource: tuple[object, ...]) -> None:
        if not self._locks.acquire(resource, self._owner):
            raise Blocked(resource)

    def _edit(self, change: Change) -> _Edit:
        self._lock((change.namespace, change.key))
        collection = self.collection(change.namespace)
        current = self.snapshot.get(collection, change.key)
        if (current.body if current else None) != change.before:
            raise write_conflict()
        document = decode(change.after) if change.after is not None else {}
        removed: list[tuple[Index, bytes]] = []
        added: list[tuple[Index, bytes]] = []
        for index in collection.indexes:
            if current and change.after and _is_same(index, current.document, document):
                continue
            old = index.pattern.keys(current.document)[0] if current else set()
            new, arrays = index.pattern.keys(document) if change.after else (set(), set())
            self.with_arrays(index, arrays)
            removed += ((index, key) for key in old - new)
            added += ((index, key) for key in new - old)
        return _Edit(change, collection, current, document, tuple(removed), tuple(added))

    def with_arrays(self, index: Index, arrays: set[str]) -> Index:
        """Return the index, noted to pass `arrays` from now on."""
        if arrays <= index.arrays:
            return index
        index = replace(index, arrays=index.arrays | arrays)
        self.connection.execute(
            "UPDATE indexes SET definition = ? WHERE id = ?",
            (encode(index_definition(index)), index.id),
        )
        self.catalogue_changed()
        return index

    def _remove_entry(self, index: Index, key: bytes, current: Stored | None) -> None:
        row = current.row if current else 0
        self.connection.execute(
            "DELETE FROM entries WHERE key_index = ? AND key = ? AND document = ?",
            (index.id, key, row),
        )

    def _check_unique(self, edit: _Edit) -> None:
        for index, key in edit.added:
            if index.unique:
                self._lock((index.id, key))
                if self.snapshot.owners(index, key):
                    raise duplicate(edit.change.namespace, index, edit.document)

    def _write_row(self, edit: _Edit) -> int:
        change, current = edit.change, edit.current
        if current is None:
            if change.after is None:
                return 0
            made = self.connection.execute(
                "INSERT INTO documents (collection, key, body) VALUES (?, ?, ?)",
                (edit.collection.id, change.key, change.after),
            )
            return made.lastrowid or 0
        if change.after is None:
            self.connection.execute("DELETE FROM documents WHERE id = ?", (current.row,))
        else:
            self.connection.execute(
                "UPDATE documents SET body = ? WHERE id = ?", (change.after, current.row)
            )
        return current.row


def _is_same(index: Index, one: Document, other: Document) -> bool:
    """Tell whether both documents certainly have the same keys."""
    return encode(index.pattern.indexed(one)) == encode(index.pattern.indexed(other))


def duplicate(namespace: Namespace, index: Index, document: Document) -> CommandError:
    """Return the refusal of a document whose key in `index` is taken."""
    fields = index.pattern.fields
    values = [paths.value_at(document, parts) for parts in index.pattern.parts]
    return CommandError(
        Code.DuplicateKey,
        f"E11000 duplicate key error collection: {namespace} index: {index.name}",
        detail={
            "keyPattern": dict(fields),
            "keyValue": {
                path: None if value is MISSING else value
                for (path, _), value in zip(fields, values, strict=True)
            },
        },
    )
