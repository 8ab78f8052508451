"""Single write statements, the same inside a transaction and outside.

https://www.mongodb.com/docs/manual/reference/command/nav-crud/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from bson import ObjectId

from psolink.embedded import ordering, storable
from psolink.embedded.batch import Change, duplicate
from psolink.embedded.catalogue import PRIMARY, Namespace
from psolink.embedded.documents import Document, decode
from psolink.embedded.paths import ID
from psolink.embedded.query import Query
from psolink.embedded.storage import Stored
from psolink.embedded.update import Update, refuse_changed_id, upserted


class Target(Protocol):
    """Where statements read and write: a batch of the writer, or an open transaction."""

    def find(self, namespace: Namespace, wanted: Query) -> Iterator[Stored]:
        """Return what matches."""
        ...

    def get(self, namespace: Namespace, key: bytes) -> Stored | None:
        """Return the document with the encoded `_id` `key`."""
        ...

    def write(self, change: Change) -> None:
        """Write one document."""
        ...


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did. `before` and `after` are of the last document it met."""

    matched: int = 0
    modified: int = 0
    upserted: bool = False
    before: Document | None = None
    after: Document | None = None


def insertable(document: Document) -> tuple[Document, bytes]:
    """Return the document with its `_id` in front, and its BSON."""
    rest = {name: value for name, value in document.items() if name != ID}
    document = {ID: document[ID] if ID in document else ObjectId(), **rest}
    return document, storable.body_of(document)


def insert(target: Target, namespace: Namespace, document: Document, body: bytes) -> None:
    """Insert a document that `insertable` returned."""
    key = ordering.key(document[ID])
    if target.get(namespace, key) is not None:
        raise duplicate(namespace, PRIMARY, document)
    target.write(Change(namespace, key, None, body))


def update(
    target: Target, namespace: Namespace, wanted: Query, change: Update, *, upsert: Document | None
) -> Updated:
    """Update what `wanted` finds; if that is nothing, insert on the filter `upsert`."""
    matched = modified = 0
    before: Document | None = None
    after: Document | None = None
    for stored in _found(target, namespace, wanted):
        matched += 1
        before, after = stored.document, change.apply(decode(stored.body), inserting=False)
        refuse_changed_id(before[ID], after)
        body = storable.body_of(after)
        if body != stored.body:
            modified += 1
            target.write(Change(namespace, stored.key, stored.body, body))
    if matched or upsert is None:
        return Updated(matched, modified, before=before, after=after)
    document, body = insertable(upserted(upsert, change))
    insert(target, namespace, document, body)
    return Updated(upserted=True, after=document)


def delete(target: Target, namespace: Namespace, wanted: Query) -> list[Document]:
    """Delete what `wanted` finds and return it, or only its `_id`s where that is many."""
    deleted: list[Document] = []
    for stored in _found(target, namespace, wanted):
        target.write(Change(namespace, stored.key, stored.body, None))
        deleted.append(stored.document if wanted.limit == 1 else {})
    return deleted


def _found(target: Target, namespace: Namespace, wanted: Query) -> Iterator[Stored]:
    """Return what is found before anything is written: a write must not meet its own result."""
    if wanted.limit == 1:
        yield from list(target.find(namespace, wanted))
        return
    for key in [stored.key for stored in target.find(namespace, wanted)]:
        stored = target.get(namespace, key)
        if stored is not None:
            yield stored
