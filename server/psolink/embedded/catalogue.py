"""The collections and indexes as one version of the database file has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from psolink.embedded.documents import Document
from psolink.embedded.index_keys import KeyPattern
from psolink.embedded.paths import ID


class Namespace(NamedTuple):
    """The full name of a collection."""

    database: str
    collection: str

    def __str__(self) -> str:
        return f"{self.database}.{self.collection}"


@dataclass(frozen=True, slots=True)
class Index:
    """One index. `arrays` are the paths at which some document has had an array.

    One that is not ready is kept by writes and not read: it is being built.
    """

    id: int
    name: str
    pattern: KeyPattern
    unique: bool
    arrays: frozenset[str] = frozenset()
    is_ready: bool = True

    def describe(self) -> Document:
        """Return the index as `listIndexes` shows it."""
        described: Document = {"v": 2, "key": dict(self.pattern.fields), "name": self.name}
        return described | {"unique": True} if self.unique else described


# Every collection has it. It is not kept as entries: documents are stored by this key.
PRIMARY: Final = Index(0, "_id_", KeyPattern.of(((ID, 1),)), unique=False)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection and its indexes other than that of `_id`."""

    id: int
    namespace: Namespace
    indexes: tuple[Index, ...] = ()

    @property
    def all_indexes(self) -> tuple[Index, ...]:
        """Return every index that can be read, that of `_id` first."""
        return (PRIMARY, *(index for index in self.indexes if index.is_ready))

    @property
    def unique_indexes(self) -> tuple[Index, ...]:
        """Return the unique indexes other than that of `_id`."""
        return tuple(index for index in self.indexes if index.unique)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All collections."""

    collections: Mapping[Namespace, Collection]

    def databases(self) -> list[str]:
        """Return the names of the databases that hold a collection."""
        return sorted({namespace.database for namespace in self.collections})

    def within(self, database: str) -> list[Collection]:
        """Return the collections of one database by name."""
        return [
            collection
            for namespace, collection in sorted(self.collections.items())
            if namespace.database == database
        ]


def load_index(number: int, definition: Document) -> Index:
    """Return the index that `index_definition` described."""
    pattern = KeyPattern.of(tuple(definition["key"].items()))
    arrays = frozenset(definition["arrays"])
    is_ready = definition.get("ready", True)
    return Index(number, definition["name"], pattern, definition["unique"], arrays, is_ready)


def index_definition(index: Index) -> Document:
    """Return what is kept of an index."""
    return {
        "name": index.name,
        "key": dict(index.pattern.fields),
        "unique": index.unique,
        "arrays": sorted(index.arrays),
        "ready": index.is_ready,
    }
