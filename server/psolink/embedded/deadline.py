"""The time that a client gives a command."""

import time

from psolink.embedded.errors import Code, CommandError


class Deadline:
    """How long a command, or one batch of a cursor, may run."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.restart()

    def restart(self) -> None:
        """Give the whole time again."""
        self._end = time.monotonic() + self._seconds

    def check(self) -> None:
        """Refuse to go on after the time has run out."""
        if time.monotonic() > self._end:
            raise CommandError(Code.MaxTimeMSExpired, "operation exceeded time limit")
