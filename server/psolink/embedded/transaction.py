"""A multi-document transaction: a snapshot, and the writes that it has not committed yet.

Nothing is written to the file before the commit, so an abort has nothing to undo and nobody
sees anything early. Every document and unique key written is locked until the end.

https://www.mongodb.com/docs/manual/core/transactions/
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from psolink.embedded import query
from psolink.embedded.batch import Batch, Change, duplicate
from psolink.embedded.catalogue import Index, Namespace
from psolink.embedded.documents import Document, decode
from psolink.embedded.errors import Code, CommandError, write_conflict
from psolink.embedded.locks import LockTable
from psolink.embedded.storage import Storage, Stored
from psolink.embedded.writer import Writer

LIFETIME_SECONDS: Final = 60.0
_MAX_BYTES: Final = 128 * 1024 * 1024

UniqueKey = tuple[int, bytes]


class Transaction:
    """The reads and writes of one open transaction."""

    def __init__(self, storage: Storage, locks: LockTable, writer: Writer) -> None:
        self._storage = storage
        self._locks = locks
        self._writer = writer
        # Read before the snapshot is taken: if it is still the same later, nobody has written.
        self._commits = writer.commits
        self.snapshot = storage.begin()
        self._changes: defaultdict[Namespace, dict[bytes, Change]] = defaultdict(dict)
        self._overlays: defaultdict[Namespace, dict[bytes, Stored | None]] = defaultdict(dict)
        self._claims: dict[UniqueKey, tuple[Namespace, bytes]] = {}
        self._claimed: dict[tuple[Namespace, bytes], list[UniqueKey]] = {}
        self._bytes = 0
        self.started = time.monotonic()
        self.guard = threading.Lock()
        self.is_open = True

    def find(self, namespace: Namespace, wanted: query.Query) -> Iterator[Stored]:
        """Return what matches in the snapshot with the transaction's own writes."""
        collection = self.snapshot.collection(namespace)
        return query.run(self.snapshot, collection, wanted, self._overlays[namespace].copy())

    def get(self, namespace: Namespace, key: bytes) -> Stored | None:
        """Return the document with the encoded `_id` `key`."""
        overlay = self._overlays[namespace]
        return overlay[key] if key in overlay else self._committed(namespace, key)

    def write(self, change: Change) -> None:
        """Keep one write until the commit; a conflict with another writer is refused now."""
        namespace, key, after = change.namespace, change.key, change.after
        earlier = self._changes[namespace].get(key)
        if earlier is None:
            self._lock_document(change)
        self._claim(change)
        before = earlier.before if earlier else change.before
        self._changes[namespace][key] = Change(namespace, key, before, after)
        self._overlays[namespace][key] = None if after is None else Stored(0, key, after)
        self._bytes += len(after or b"")
        if self._bytes > _MAX_BYTES:
            raise CommandError(
                Code.TransactionTooLarge, "the writes of the transaction exceed 128 MiB"
            )

    def commit(self, *, session: bytes, number: int, reply: bytes, day: int) -> None:
        """Write everything together with the reply that a repeated commit gets.

        Its cursors must be closed: nothing is read from the snapshot any more.
        """
        self.is_open = False
        self._storage.end(self.snapshot)
        changes = [change for each in self._changes.values() for change in each.values()]

        def work(batch: Batch) -> None:
            batch.owned_by(self).apply(changes)
            batch.remember(session, number, reply, day)

        try:
            if changes:
                self._writer.submit(work)
        finally:
            self._locks.release_all(self)

    def abort(self) -> None:
        """Forget the writes, release the locks and let go of the snapshot."""
        if self.is_open:
            self.is_open = False
            self._locks.release_all(self)
            self._storage.discard(self.snapshot)

    def _committed(self, namespace: Namespace, key: bytes) -> Stored | None:
        collection = self.snapshot.collection(namespace)
        return self.snapshot.get(collection, key) if collection else None

    def _lock_document(self, change: Change) -> None:
        if not self._locks.acquire((change.namespace, change.key), self):
            raise write_conflict()
        if self._commits == self._writer.commits:
            return
        with self._storage.snapshot() as latest:
            collection = latest.collection(change.namespace)
            stored = latest.get(collection, change.key) if collection else None
        if (stored.body if stored else None) != change.before:
            raise write_conflict()

    def _claim(self, change: Change) -> None:
        """Take the unique keys of the document, unless another document has one of them."""
        place = (change.namespace, change.key)
        for unique in self._claimed.pop(place, ()):
            del self._claims[unique]
        collection = self.snapshot.collection(change.namespace)
        if collection is None or change.after is None:
            return
        for index in collection.unique_indexes:
            document = decode(change.after)
            for key in index.pattern.keys(document)[0]:
                self._claim_key(change, index, key, document)

    def _claim_key(self, change: Change, index: Index, key: bytes, document: Document) -> None:
        written = self._changes[change.namespace]
        owners = self.snapshot.owners(index, key)
        others = [owner for owner in owners if owner not in written and owner != change.key]
        if (index.id, key) in self._claims or others:
            raise duplicate(change.namespace, index, document)
        if not self._locks.acquire((index.id, key), self):
            raise write_conflict()
        if self._commits != self._writer.commits:
            with self._storage.snapshot() as latest:
                if latest.owners(index, key) != owners:
                    raise write_conflict()
        place = (change.namespace, change.key)
        self._claims[index.id, key] = place
        self._claimed.setdefault(place, []).append((index.id, key))
