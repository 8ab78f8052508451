"""The single writer of the SQLite file, which commits the writes of many clients together.

A thread that wants to write adds its work to the queue and takes its turn. Whoever has the turn
does all the work that has gathered meanwhile and makes it durable with one commit.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from psolink.embedded.batch import Batch
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.failures import explained
from psolink.embedded.locks import Blocked, LockTable
from psolink.embedded.storage import Storage

Answer = TypeVar("Answer")

LOCK_WAIT_SECONDS: Final = 5.0


@dataclass(slots=True)
class _Request(Generic[Answer]):
    """Work that waits to be done, then its answer or its failure."""

    work: Callable[[Batch], Answer]
    answers: list[Answer] = field(default_factory=list)
    failure: Exception | None = None
    done: bool = False

    def perform(self, batch: Batch) -> None:
        """Do the work within its own savepoint."""
        batch.connection.execute("SAVEPOINT work")
        try:
            self.answers.append(self.work(batch))
        except Exception as failure:
            self.failure = explained(failure)
            if not batch.connection.in_transaction:
                # A full disk makes SQLite end the whole transaction: the others fail with it.
                raise
            batch.connection.execute("ROLLBACK TO work")
        batch.connection.execute("RELEASE work")

    def result(self) -> Answer:
        """Return the answer or raise the failure."""
        if self.failure is not None:
            raise self.failure
        return self.answers[0]


class Writer:
    """Runs work in SQLite transactions, one after the other."""

    def __init__(
        self, storage: Storage, locks: LockTable, wait_seconds: float = LOCK_WAIT_SECONDS
    ) -> None:
        self._storage = storage
        self._locks = locks
        self._wait_seconds = wait_seconds
        self._waiting: deque[_Request[Any]] = deque()
        self._turn = threading.Lock()
        self._is_stopped = False
        self.commits = 0

    def submit(self, work: Callable[[Batch], Answer]) -> Answer:
        """Return the answer of `work` once it is durable.

        Work that meets the lock of an open transaction is undone and begun again later.
        """
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                return self._run(work)
            except Blocked as blocked:
                if not self._locks.wait(blocked.resource, deadline - time.monotonic()):
                    raise CommandError(
                        Code.LockTimeout, "an open transaction kept the document locked"
                    ) from None

    def stop(self) -> None:
        """Finish what is being written and take no more."""
        with self._turn:
            self._is_stopped = True

    def _run(self, work: Callable[[Batch], Answer]) -> Answer:
        request = _Request(work)
        self._waiting.append(request)
        with self._turn:
            if self._is_stopped:
                raise CommandError(Code.InterruptedAtShutdown, "the engine is stopping")
            if not request.done:
                self._write([self._waiting.popleft() for _ in range(len(self._waiting))])
        return request.result()

    def _write(self, requests: list[_Request[Any]]) -> None:
        """Do all the work in one transaction and make it durable."""
        connection = self._storage.writing
        owner = object()
        batch = Batch(connection, self._storage.catalogues, self._locks, owner)
        try:
            connection.execute("BEGIN IMMEDIATE")
            for request in requests:
                request.perform(batch)
            connection.execute("COMMIT")
            self.commits += 1
        except Exception as failure:  # noqa: BLE001 - it is raised in the threads that asked
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for request in requests:
                request.failure = request.failure or explained(failure)
        finally:
            # Only now may others look at the documents: what they see is committed.
            self._locks.release_all(owner)
            for request in requests:
                request.done = True
