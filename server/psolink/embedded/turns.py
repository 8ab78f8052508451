"""Reads take turns.

SQLite lets go of the interpreter at every row that it reads. Threads that read at the same time
would take it from each other at each of them, and only one of them runs anyway: eight pages at
once took half as much processor again as one after the other.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SLICE_SECONDS: Final = 0.005
"""So long a read goes on while others wait."""


class Turns:
    """Lets one thread read at a time, in the order in which they came."""

    def __init__(self, slice_seconds: float = _SLICE_SECONDS) -> None:
        self._slice_seconds = slice_seconds
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False
        self._reader: int | None = None
        self._since = 0.0

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn and keep it for the length of a `with` block, which may hold another."""
        if self._reader == threading.get_ident():
            yield
            return
        self._take()
        try:
            yield
        finally:
            self._give()

    def pass_on(self) -> None:
        """Let those go first who wait, where this thread has had its turn for long enough."""
        if not self._waiting or self._reader != threading.get_ident():
            return
        if time.monotonic() - self._since >= self._slice_seconds:
            self._give()
            self._take()

    def _take(self) -> None:
        with self._guard:
            place = threading.Lock() if self._is_taken else None
            if place is not None:
                place.acquire()
                self._waiting.append(place)
            self._is_taken = True
        if place is not None:
            # Whoever gives the turn opens it for the first who waits.
            place.acquire()
        self._reader, self._since = threading.get_ident(), time.monotonic()

    def _give(self) -> None:
        with self._guard:
            self._reader = None
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
