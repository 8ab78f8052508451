"""The parts of a running engine, and how a command reads and writes with them."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psolink.embedded.batch import Batch
from psolink.embedded.catalogue import Namespace
from psolink.embedded.cursors import Cursor, Cursors, Source
from psolink.embedded.deadline import Deadline
from psolink.embedded.documents import Document, decode, encode
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.index_build import forget_unfinished
from psolink.embedded.locks import LockTable
from psolink.embedded.query import Query, run
from psolink.embedded.sessions import Session, Sessions
from psolink.embedded.statements import Target
from psolink.embedded.storage import Storage, Stored
from psolink.embedded.transaction import Transaction
from psolink.embedded.writer import Writer

# Makes the answer's documents, encoded, of those that were found.
Render = Callable[[Iterator[Stored]], Iterator[bytes]]

# https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions
_DATABASE: Final = re.compile(r"[^/\\. \"$\0]{1,63}")
_COLLECTION: Final = re.compile(r"[^$\0]{1,200}")
_DAY_SECONDS: Final = 86_400
_KEEP_RETRIES_DAYS: Final = 2


@dataclass(slots=True)
class Request:
    """One command as it came in."""

    name: str
    database: str
    body: Document
    sequences: dict[str, list[bytes]]
    connection: object = None
    session: Session | None = None
    number: int | None = None
    transaction: Transaction | None = None
    deadline: Deadline | None = None

    @property
    def namespace(self) -> Namespace:
        """Return the collection that the command names."""
        name = self.body[self.name]
        is_valid = isinstance(name, str) and _COLLECTION.fullmatch(name)
        if not is_valid or not _DATABASE.fullmatch(self.database):
            raise CommandError(
                Code.InvalidNamespace, "the name of the database or the collection is not valid"
            )
        return Namespace(self.database, name)


@dataclass(slots=True)
class Engine:
    """Storage, locks, the writer, and what clients have open."""

    storage: Storage
    locks: LockTable
    writer: Writer
    sessions: Sessions = field(default_factory=Sessions)
    cursors: Cursors = field(default_factory=Cursors)
    tidied: int = 0

    @classmethod
    def open(cls, folder: Path) -> "Engine":
        """Return the engine on the database in `folder`, which is created if it is not there."""
        storage = Storage(folder)
        locks = LockTable()
        engine = cls(storage, locks, Writer(storage, locks))
        engine.writer.submit(forget_unfinished)
        engine.tidy()
        return engine

    def transaction(self) -> Transaction:
        """Return a new transaction."""
        return Transaction(self.storage, self.locks, self.writer)

    def read(
        self, request: Request, answer: Callable[[Iterator[Stored]], Document], wanted: Query
    ) -> Document:
        """Return what `answer` makes of all that is found."""
        with self.storage.turns.taken():
            if request.transaction is not None:
                return answer(request.transaction.find(request.namespace, wanted))
            with self.storage.snapshot() as snapshot:
                return answer(run(snapshot, snapshot.collection(request.namespace), wanted, {}))

    def cursor(self, request: Request, wanted: Query, render: Render) -> Cursor:
        """Return a cursor over what is found, as `render` shows it."""
        namespace, owner, turns = request.namespace, request.transaction, self.storage.turns
        if owner is not None:
            source = Source(render(owner.find(namespace, wanted)))
            return Cursor(namespace, source, turns, owner=owner, deadline=wanted.deadline)
        snapshot = self.storage.begin()
        try:
            found = run(snapshot, snapshot.collection(namespace), wanted, {})
        except BaseException:
            self.storage.discard(snapshot)
            raise
        source = Source(
            render(found),
            rest=snapshot.shrink,
            finish=lambda: self.storage.end(snapshot),
            abandon=lambda: self.storage.discard(snapshot),
        )
        return Cursor(namespace, source, turns, deadline=wanted.deadline)

    def write(self, request: Request, work: Callable[[Target], Document]) -> Document:
        """Return the answer of `work`, or what it was if the client has sent the command before."""
        if request.transaction is not None:
            return work(request.transaction)
        session, number = request.session, request.number
        if session is None or number is None:
            return self.writer.submit(work)
        key, sent = session.key, number

        def once(batch: Batch) -> Document:
            known = batch.snapshot.remembered(key)
            if known is not None and known[0] == sent:
                return decode(known[1])
            if known is not None and known[0] > sent:
                raise CommandError(Code.TransactionTooOld, "the session has sent newer writes")
            answer = work(batch)
            batch.remember(key, sent, encode(answer), today())
            return answer

        return self.writer.submit(once)

    def tidy(self) -> None:
        """Drop what clients have left behind."""
        self.sessions.expire()
        self.cursors.close_idle()
        if self.tidied != today():
            self.tidied = today()
            self.writer.submit(_forget_old_retries)

    def close(self) -> None:
        """Let the writer finish and close the file."""
        self.writer.stop()
        self.storage.close()


def today() -> int:
    """Return the number of the day."""
    return int(time.time()) // _DAY_SECONDS


def _forget_old_retries(batch: Batch) -> None:
    batch.connection.execute("DELETE FROM retries WHERE day < ?", (today() - _KEEP_RETRIES_DAYS,))
