"""Stop asking a server that does not answer, and try again after a while."""

from collections.abc import Callable
from threading import Lock


class CircuitBreaker:
    """Opens after `failures` in a row; after `pause_seconds` it lets one question through."""

    def __init__(
        self, clock: Callable[[], float], *, failures: int = 3, pause_seconds: float = 30
    ) -> None:
        self._clock = clock
        self._allowed = failures
        self._pause_seconds = pause_seconds
        self._failed = 0
        self._open_until = 0.0
        self._lock = Lock()

    def may_ask(self) -> bool:
        """Tell whether to ask now; who is told so has to say how it went."""
        with self._lock:
            if self._failed < self._allowed:
                return True
            if self._clock() < self._open_until:
                return False
            # This one tries; the others wait for another pause, however long it takes.
            self._open_until = self._clock() + self._pause_seconds
            return True

    def succeeded(self) -> None:
        """Note that the server answered."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """Note that the server did not answer."""
        with self._lock:
            self._failed += 1
            self._open_until = self._clock() + self._pause_seconds
