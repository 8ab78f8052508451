"""Catalogues as they were read from the file, by version."""

import itertools
import sqlite3

from psolink.embedded.catalogue import Catalogue, Collection, Index, Namespace, load_index
from psolink.embedded.documents import decode


class CatalogueCache:
    """Catalogues by version. A version number is never used twice while the engine runs."""

    def __init__(self) -> None:
        self._known: dict[int, Catalogue] = {}
        self._numbers = itertools.count()

    def start(self, version: int) -> None:
        """Give the numbers after `version` from now on."""
        self._numbers = itertools.count(version + 1)

    def next_version(self) -> int:
        """Return a version number for a changed catalogue."""
        return next(self._numbers)

    def at(self, version: int, connection: sqlite3.Connection) -> Catalogue:
        """Return the catalogue of the version that `connection` sees."""
        found = self._known.get(version)
        if found is None:
            found = _load_catalogue(connection)
            self._known = {version: found, **dict(list(self._known.items())[:8])}
        return found


def _load_catalogue(connection: sqlite3.Connection) -> Catalogue:
    indexes: dict[int, list[Index]] = {}
    for number, collection, definition in connection.execute(
        "SELECT id, collection, definition FROM indexes ORDER BY id"
    ):
        indexes.setdefault(collection, []).append(load_index(number, decode(definition)))
    rows = connection.execute("SELECT id, database, name FROM collections").fetchall()
    namespaces = {number: Namespace(database, name) for number, database, name in rows}
    return Catalogue(
        {
            namespace: Collection(number, namespace, tuple(indexes.get(number, ())))
            for number, namespace in namespaces.items()
        }
    )
