"""Logical sessions: which transaction a client has open, and what may be sent again.

https://www.mongodb.com/docs/manual/reference/server-sessions/
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from psolink.embedded.errors import TRANSIENT_TRANSACTION, Code, CommandError
from psolink.embedded.transaction import LIFETIME_SECONDS, Transaction

TIMEOUT_MINUTES: Final = 30


class Session:
    """One client session. It has at most one transaction, the one with the highest number."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.guard = threading.RLock()
        self.number = -1
        self.transaction: Transaction | None = None
        self.committed = False
        self.connection: object = None
        self.used = time.monotonic()

    def start(self, number: int, transaction: Callable[[], Transaction]) -> None:
        """Open the transaction with that number."""
        if number < self.number:
            raise CommandError(
                Code.TransactionTooOld, "a newer transaction has started in this session"
            )
        if number == self.number:
            raise no_such_transaction()
        self.abort()
        self.number, self.committed = number, False
        self.transaction = transaction()

    def current(self, number: int) -> Transaction:
        """Return the open transaction, which must have that number."""
        if self.transaction is None or number != self.number:
            raise no_such_transaction()
        return self.transaction

    def abort(self) -> None:
        """Drop the transaction, if one is open."""
        if self.transaction is not None:
            transaction, self.transaction = self.transaction, None
            transaction.abort()


def no_such_transaction() -> CommandError:
    """Return the refusal that makes a driver run the whole transaction again."""
    return CommandError(
        Code.NoSuchTransaction,
        "the transaction is not open: it was aborted, timed out or never started",
        labels=[TRANSIENT_TRANSACTION],
    )


class Sessions:
    """The sessions that clients use."""

    def __init__(self) -> None:
        self._sessions: dict[bytes, Session] = {}
        self._guard = threading.Lock()

    def get(self, key: bytes) -> Session:
        """Return the session with that id."""
        with self._guard:
            session = self._sessions.setdefault(key, Session(key))
            session.used = time.monotonic()
            return session

    def end(self, key: bytes) -> None:
        """Forget a session and abort its transaction."""
        with self._guard:
            session = self._sessions.pop(key, None)
        if session is not None:
            with session.guard:
                session.abort()

    def connection_closed(self, connection: object) -> None:
        """Abort the transactions whose client used that connection last."""
        for session in list(self._sessions.values()):
            if session.connection is connection:
                with session.guard:
                    session.connection = None
                    session.abort()

    def expire(self) -> None:
        """Abort transactions that are open for too long, forget sessions that nobody uses."""
        now = time.monotonic()
        for session in list(self._sessions.values()):
            transaction = session.transaction
            if transaction is not None and now - transaction.started > LIFETIME_SECONDS:
                with session.guard:
                    if session.transaction is transaction:
                        session.abort()
            if session.transaction is None and now - session.used > TIMEOUT_MINUTES * 60:
                self.end(session.key)
