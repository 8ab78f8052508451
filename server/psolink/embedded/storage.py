"""The SQLite file: its tables, its connections, and reading a snapshot of it.

https://sqlite.org/wal.html
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from psolink.embedded.catalogue import PRIMARY, Catalogue, Collection, Index, Namespace
from psolink.embedded.catalogue_cache import CatalogueCache
from psolink.embedded.documents import Document, decode, decode_fields
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.planner import IndexScan, Plan
from psolink.embedded.turns import Turns

FILE_NAME: Final = "psolink.sqlite"
FORMAT: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, database TEXT NOT NULL, name TEXT NOT NULL,
    UNIQUE (database, name)
);
CREATE TABLE IF NOT EXISTS indexes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, definition BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS catalogue_version (version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS documents_by_key ON documents (collection, key);
CREATE INDEX IF NOT EXISTS documents_in_order ON documents (collection);
CREATE TABLE IF NOT EXISTS entries (
    key_index INTEGER NOT NULL, key BLOB NOT NULL, document INTEGER NOT NULL,
    PRIMARY KEY (key_index, key, document)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retries (
    session BLOB PRIMARY KEY, number INTEGER NOT NULL, reply BLOB NOT NULL, day INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO catalogue_version SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM catalogue_version);
"""
_ALL: Final = "SELECT id, key, body FROM documents WHERE collection = ? ORDER BY id"
_ONE: Final = "SELECT id, key, body FROM documents WHERE collection = ? AND key = ?"
_BY_ROW: Final = "SELECT id, key, body FROM documents WHERE id = ?"
_BY_KEY: Final = (
    "SELECT id, key, body FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key"
)
_BY_INDEX: Final = (
    "SELECT d.id, d.key, d.body FROM entries e CROSS JOIN documents d ON d.id = e.document "
    "WHERE e.key_index = ? AND e.key >= ? AND e.key < ? ORDER BY e.key"
)
_SETTINGS: Final = (
    "synchronous = FULL",
    "cache_size = -8192",
    "mmap_size = 268435456",
    # A reader that stays long lets the log grow; afterwards it is cut back to this.
    "journal_size_limit = 67108864",
)
# Connections that are kept for the next read; each has a cache of 8 MB at most.
_MAX_IDLE: Final = 32
_DESCENDING: Final = " DESC"
_SIZE_BY_KEY: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM documents "
    "WHERE collection = ? AND key >= ? AND key < ? LIMIT ?)"
)
_SIZE_BY_INDEX: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM entries "
    "WHERE key_index = ? AND key >= ? AND key < ? LIMIT ?)"
)
_OWNERS: Final = (
    "SELECT d.key FROM entries e CROSS JOIN documents d ON d.id = e.document "
    "WHERE e.key_index = ? AND e.key = ?"
)


class Stored:
    """A stored document: where it stands, its BSON, and its value once somebody asks for it."""

    __slots__ = ("_document", "body", "key", "row")

    def __init__(self, row: int, key: bytes, body: bytes) -> None:
        self.row = row
        self.key = key
        self.body = body
        self._document: Document | None = None

    @property
    def document(self) -> Document:
        """Return the document; it must not be changed."""
        if self._document is None:
            self._document = decode(self.body)
        return self._document

    def fields(self, names: frozenset[bytes]) -> Document:
        """Return at least the fields `names` of the document; it must not be changed."""
        if self._document is None:
            return decode_fields(self.body, names) if names else {}
        return self._document


class Snapshot:
    """What one SQLite transaction sees; those who read with `turns` let others read in between."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        catalogues: CatalogueCache,
        turns: Turns | None = None,
    ) -> None:
        self.connection = connection
        self.catalogues = catalogues
        self._turns = turns

    @property
    def catalogue(self) -> Catalogue:
        """Return the collections and indexes."""
        (version,) = self.connection.execute("SELECT version FROM catalogue_version").fetchone()
        return self.catalogues.at(version, self.connection)

    def collection(self, namespace: Namespace) -> Collection | None:
        """Return the collection of that name, None if there is none."""
        return self.catalogue.collections.get(namespace)

    def get(self, collection: Collection, key: bytes) -> Stored | None:
        """Return the document with the encoded `_id` `key`."""
        found = self.connection.execute(_ONE, (collection.id, key)).fetchone()
        return Stored(*found) if found else None

    def by_row(self, row: int) -> Stored | None:
        """Return the document in that row."""
        found = self.connection.execute(_BY_ROW, (row,)).fetchone()
        return Stored(*found) if found else None

    def scan(self, collection: Collection, plan: Plan) -> Iterator[Stored]:
        """Return the documents that `plan` reads, each once."""
        rows: Iterable[tuple[int, bytes, bytes]]
        if isinstance(plan, IndexScan):
            rows, may_repeat = self._index_rows(collection, plan), plan.may_repeat
        else:
            rows, may_repeat = self.connection.execute(_ALL, (collection.id,)), False
        seen: set[int] = set()
        for found in rows:
            if self._turns is not None:
                self._turns.pass_on()
            if may_repeat:
                if found[0] in seen:
                    continue
                seen.add(found[0])
            yield Stored(*found)

    def _index_rows(
        self, collection: Collection, plan: IndexScan
    ) -> Iterator[tuple[int, bytes, bytes]]:
        source, statement = _source(collection, plan.index, _BY_KEY, _BY_INDEX)
        if plan.reverse:
            statement += _DESCENDING
        for low, high in reversed(plan.intervals) if plan.reverse else plan.intervals:
            # Not `yield from`, which would close the results again, after their connection.
            for row in self.connection.execute(statement, (source, low, high)):  # noqa: UP028
                yield row

    def estimate(self, collection: Collection, plan: IndexScan, limit: int) -> int:
        """Return how many keys `plan` reads; it does not count beyond `limit`."""
        source, statement = _source(collection, plan.index, _SIZE_BY_KEY, _SIZE_BY_INDEX)
        total = 0
        for low, high in plan.intervals:
            row = self.connection.execute(statement, (source, low, high, limit - total))
            total += row.fetchone()[0]
            if total >= limit:
                break
        return total

    def last_row(self) -> int:
        """Return a number that no collection's count exceeds, without counting."""
        (number,) = self.connection.execute("SELECT max(id) FROM documents").fetchone()
        return number or 0

    def count(self, collection: Collection) -> int:
        """Return how many documents the collection has."""
        statement = "SELECT count(*) FROM documents WHERE collection = ?"
        (number,) = self.connection.execute(statement, (collection.id,)).fetchone()
        return int(number)

    def owners(self, index: Index, key: bytes) -> list[bytes]:
        """Return the encoded `_id`s of the documents that stand under `key` in `index`."""
        return [row[0] for row in self.connection.execute(_OWNERS, (index.id, key))]

    def shrink(self) -> None:
        """Give back the memory in which pages of the file are kept."""
        self.connection.execute("PRAGMA shrink_memory")

    def remembered(self, session: bytes) -> tuple[int, bytes] | None:
        """Return number and reply of the session's last write that may be sent again."""
        statement = "SELECT number, reply FROM retries WHERE session = ?"
        found: tuple[int, bytes] | None = self.connection.execute(statement, (session,)).fetchone()
        return found


def _source(collection: Collection, index: Index, by_key: str, by_index: str) -> tuple[int, str]:
    return (collection.id, by_key) if index is PRIMARY else (index.id, by_index)


def check_format(file: Path, version: int) -> None:
    """Refuse a file whose format this program does not know."""
    if version > FORMAT:
        raise CommandError(
            Code.InternalError,
            f"{file} was written by a newer release: it has format {version}, and this one reads "
            f"format {FORMAT}. Install that release, or restore a backup of this one",
        )
    if version not in (0, FORMAT):
        raise CommandError(Code.InternalError, f"{file} has the unknown format {version}")


class Storage:
    """The open file: one connection that writes and a pool of connections that read."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self.catalogues = CatalogueCache()
        self.turns = Turns()
        self.writing = self._connect()
        self._prepare()

    def _prepare(self) -> None:
        (version,) = self.writing.execute("PRAGMA user_version").fetchone()
        check_format(self._file, version)
        self.writing.execute("PRAGMA journal_mode = WAL")
        self.writing.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {FORMAT};COMMIT;")
        found = self.writing.execute("SELECT version FROM catalogue_version").fetchone()
        self.catalogues.start(found[0])

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        for pragma in _SETTINGS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def begin(self) -> Snapshot:
        """Return a snapshot of what is committed now; it must be given back with `end`."""
        with self._guard:
            connection = self._idle.pop() if self._idle else None
        snapshot = Snapshot(connection or self._connect(), self.catalogues, self.turns)
        snapshot.connection.execute("BEGIN")
        # SQLite takes the snapshot with the first read, not with BEGIN.
        snapshot.connection.execute("SELECT version FROM catalogue_version").fetchone()
        return snapshot

    def end(self, snapshot: Snapshot) -> None:
        """Take back a snapshot whose results were all read or dropped."""
        snapshot.connection.execute("ROLLBACK")
        with self._guard:
            if len(self._idle) < _MAX_IDLE:
                self._idle.append(snapshot.connection)
                return
        snapshot.connection.close()

    def discard(self, snapshot: Snapshot) -> None:
        """Take back a snapshot that may still have unread results; they would keep it alive."""
        snapshot.connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Return a snapshot for the length of a `with` block."""
        snapshot = self.begin()
        try:
            yield snapshot
        except BaseException:
            self.discard(snapshot)
            raise
        self.end(snapshot)

    def close(self) -> None:
        """Close every connection that is not in use."""
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in (*idle, self.writing):
            connection.close()
