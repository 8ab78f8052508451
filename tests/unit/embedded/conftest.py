from collections.abc import Iterator
from typing import Any

import pytest

from psolink.embedded.commands import table
from psolink.embedded.documents import Document, decode, encode
from psolink.embedded.engine import Engine, Request


class Commands:
    """Sends commands to an engine in this process, each as if it had come over the socket."""

    def __init__(self, engine: Engine, connection: object = None) -> None:
        self.engine = engine
        self._connection = connection

    def __call__(self, name: str, target: object = 1, **fields: Any) -> Document:
        body = decode(encode({name: target, **fields}))
        request = Request(name, "test", body, {}, self._connection)
        return decode(encode(table.answer(self.engine, request)))

    def insert(self, *documents: Document) -> None:
        answer = self("insert", "c", documents=list(documents))
        assert answer["n"] == len(documents), answer

    def found(self, query: Document | None = None, **fields: Any) -> list[Any]:
        """Return the ids of what matches."""
        answer = self("find", "c", filter=query or {}, batchSize=1000, **fields)
        assert answer["ok"], answer
        return [document["_id"] for document in answer["cursor"]["firstBatch"]]

    def stored(self, identity: object) -> Document | None:
        answer = self("find", "c", filter={"_id": identity})
        return next(iter(answer["cursor"]["firstBatch"]), None)

    def index(self, *fields: str, **options: object) -> Document:
        key = {field.removeprefix("-"): -1 if field.startswith("-") else 1 for field in fields}
        specification = {"key": key, "name": "_".join(fields), **options}
        return self("createIndexes", "c", indexes=[specification])


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    engine = Engine.open(tmp_path)
    yield engine
    engine.close()


@pytest.fixture
def command(engine) -> Commands:
    return Commands(engine)


@pytest.fixture
def other_client(engine) -> Commands:
    return Commands(engine, connection=object())
