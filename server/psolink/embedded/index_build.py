"""Building an index while others write.

The index is registered first: from then on every write keeps it, and no query reads it. Then the
documents that were there are added slice by slice, each in a turn of the writer's. A build that the
end of the engine has cut off is forgotten at the next start.

https://www.mongodb.com/docs/manual/core/index-creation/
"""

from dataclasses import replace
from functools import partial
from typing import Final

from psolink.embedded.batch import Batch
from psolink.embedded.catalogue import Index, Namespace, index_definition, load_index
from psolink.embedded.documents import decode, encode
from psolink.embedded.storage import Stored
from psolink.embedded.writer import Writer

_SLICE: Final = 200
_DOCUMENTS: Final = (
    "SELECT id, key, body FROM documents WHERE collection = ? AND id > ? ORDER BY id LIMIT ?"
)


def complete(writer: Writer, namespace: Namespace, index: Index) -> None:
    """Add every document to a registered index, then let queries read it."""
    place: int | None = 0
    try:
        while place is not None:
            part = partial(_add_slice, namespace=namespace, number=index.id, after=place)
            place = writer.submit(part)
        writer.submit(lambda batch: _open(batch, index.id))
    except BaseException:
        writer.submit(lambda batch: drop(batch, index.id))
        raise


def drop(batch: Batch, number: int) -> None:
    """Remove an index with its entries."""
    batch.connection.execute("DELETE FROM entries WHERE key_index = ?", (number,))
    batch.connection.execute("DELETE FROM indexes WHERE id = ?", (number,))
    batch.catalogue_changed()


def forget_unfinished(batch: Batch) -> None:
    """Remove the indexes whose build was cut off."""
    rows = batch.connection.execute("SELECT id, definition FROM indexes").fetchall()
    for number, definition in rows:
        if not load_index(number, decode(definition)).is_ready:
            drop(batch, number)


def _add_slice(batch: Batch, namespace: Namespace, number: int, after: int) -> int | None:
    """Add some documents; return the place they reach, None at the end."""
    index = _current(batch, number)
    collection = batch.snapshot.collection(namespace)
    if index is None or collection is None:
        return None
    rows = batch.connection.execute(_DOCUMENTS, (collection.id, after, _SLICE)).fetchall()
    for stored in (Stored(*row) for row in rows):
        keys, arrays = index.pattern.keys(stored.document)
        index = batch.with_arrays(index, arrays)
        batch.connection.executemany(
            "INSERT OR IGNORE INTO entries (key_index, key, document) VALUES (?, ?, ?)",
            [(number, key, stored.row) for key in keys],
        )
    return rows[-1][0] if len(rows) == _SLICE else None


def _open(batch: Batch, number: int) -> None:
    index = _current(batch, number)
    if index is not None:
        batch.connection.execute(
            "UPDATE indexes SET definition = ? WHERE id = ?",
            (encode(index_definition(replace(index, is_ready=True))), number),
        )
        batch.catalogue_changed()


def _current(batch: Batch, number: int) -> Index | None:
    """Return the index as writes have left it; None where it was dropped meanwhile."""
    found = batch.connection.execute(
        "SELECT definition FROM indexes WHERE id = ?", (number,)
    ).fetchone()
    return load_index(number, decode(found[0])) if found else None
