"""Cursors: results that a client fetches batch by batch.

https://www.mongodb.com/docs/manual/reference/command/getMore/
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from psolink.embedded.catalogue import Namespace
from psolink.embedded.deadline import Deadline
from psolink.embedded.documents import MAX_DOCUMENT_BYTES
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.transaction import Transaction
from psolink.embedded.turns import Turns

IDLE_SECONDS: Final = 600.0
_MAX_OPEN: Final = 500


def _nothing() -> None:
    """Let go of nothing: a transaction keeps its snapshot."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a cursor reads: `finish` when all is read, `abandon` when it is left before.

    `rest` gives memory back until more is asked for.
    """

    bodies: Iterator[bytes]
    rest: Callable[[], None] = _nothing
    finish: Callable[[], None] = _nothing
    abandon: Callable[[], None] = _nothing


class Cursor:
    """Encoded documents that are read as they are asked for."""

    def __init__(
        self,
        namespace: Namespace,
        source: Source,
        turns: Turns,
        *,
        owner: Transaction | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self.namespace = namespace
        self.owner = owner
        self.guard = threading.Lock()
        self.used = time.monotonic()
        self.exhausted = False
        self._source: Source | None = source
        self._turns = turns
        self._deadline = deadline
        self._held: bytes | None = None

    def next_batch(self, size: int | None) -> list[bytes]:
        """Return at most `size` documents that fit into one answer together."""
        with self._turns.taken():
            return self._batch(size)

    def _batch(self, size: int | None) -> list[bytes]:
        batch: list[bytes] = []
        total = 0
        self.used = time.monotonic()
        if self._deadline is not None:
            self._deadline.restart()
        while size is None or len(batch) < size:
            body = self._take()
            if body is None:
                break
            total += len(body)
            if batch and total > MAX_DOCUMENT_BYTES:
                self._held = body
                break
            batch.append(body)
        else:
            self._held = self._take()
        self.exhausted = self._held is None
        return batch

    def rest(self) -> None:
        """Give memory back until more is asked for."""
        if self._source is not None:
            self._source.rest()

    def close(self) -> None:
        """Let go of what the cursor reads from."""
        if self._source is not None:
            release = self._source.finish if self.exhausted else self._source.abandon
            # The last reference to the results goes first: they must not outlive the snapshot.
            self._source = None
            release()

    def _take(self) -> bytes | None:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        return next(self._source.bodies, None) if self._source is not None else None


class Cursors:
    """The open cursors by number."""

    def __init__(self) -> None:
        self._open: dict[int, Cursor] = {}
        self._numbers = itertools.count(int(time.time() * 1000) << 16)
        self._guard = threading.Lock()

    def add(self, cursor: Cursor) -> int:
        """Keep a cursor open and return its number."""
        with self._guard:
            if len(self._open) >= _MAX_OPEN:
                raise CommandError(
                    Code.InternalError, f"more than {_MAX_OPEN} cursors are open: close some"
                )
            number = next(self._numbers)
            self._open[number] = cursor
            return number

    def get(self, number: int, namespace: Namespace, owner: Transaction | None) -> Cursor:
        """Return an open cursor of the same collection and transaction."""
        cursor = self._open.get(number)
        if cursor is None or cursor.namespace != namespace or cursor.owner is not owner:
            raise CommandError(Code.CursorNotFound, f"cursor id {number} not found")
        return cursor

    def close(self, number: int) -> bool:
        """Close a cursor and tell whether it was open."""
        with self._guard:
            cursor = self._open.pop(number, None)
        if cursor is None:
            return False
        with cursor.guard:
            cursor.close()
        return True

    def close_of(self, owner: Transaction | None) -> None:
        """Close the cursors of a transaction that ends."""
        for number, cursor in list(self._open.items()):
            if cursor.owner is owner:
                self.close(number)

    def close_idle(self) -> None:
        """Close the cursors that nobody has asked for long, and those of ended transactions."""
        oldest = time.monotonic() - IDLE_SECONDS
        for number, cursor in list(self._open.items()):
            is_orphan = cursor.owner is not None and not cursor.owner.is_open
            if is_orphan or cursor.used < oldest:
                self.close(number)
