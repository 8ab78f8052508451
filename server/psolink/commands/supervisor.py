"""Keep the parts of a server running: what ends is started again, later each time it ends soon."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 10.0
STEADY_SECONDS = 3.0
"""What lived so long has started well: the next delay is the first again."""

MOST_FAILED_STARTS = 5
"""A part that was never steady is given up after so many starts."""


class PartFailed(Exception):
    """A part does not start; the message says which and why."""


class Part(Protocol):
    """One process of the server."""

    @property
    def name(self) -> str:
        """What it is called in logs."""
        ...

    def start(self) -> None:
        """Start the process; raise `PartFailed` where it does not come up."""
        ...

    def is_alive(self) -> bool:
        """Tell whether the process runs."""
        ...

    def stop(self) -> None:
        """End the process in order and wait for it."""
        ...


@dataclass(slots=True)
class _Watched:
    """A part, when it was started or has to be, and how often it ended soon."""

    part: Part
    since: float
    failures: int = 0
    was_steady: bool = False
    is_down: bool = False


class Supervisor:
    """Starts parts in order, starts again what ends, and ends all in the opposite order."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parts: list[_Watched] = []
        self._ended = threading.Event()

    def start(self, part: Part) -> None:
        """Start a part and watch it from now on; raise `PartFailed` where it does not come up."""
        part.start()
        self._parts.append(_Watched(part, self._clock()))

    def end_on(self, signals: Sequence[signal.Signals]) -> None:
        """Let each of `signals` end `run`."""

        def end(_signal: int, _frame: FrameType | None) -> None:
            self._ended.set()

        for each in signals:
            signal.signal(each, end)

    def run(self) -> None:
        """Look after the parts until a signal comes; raise `PartFailed` for one that never works."""
        while not self._ended.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Note which parts have ended, and start those whose time has come."""
        for watched in self._parts:
            if watched.is_down:
                self._start_again(watched)
            elif not watched.part.is_alive():
                self._note_end(watched)
            elif self._clock() - watched.since >= STEADY_SECONDS:
                watched.was_steady, watched.failures = True, 0

    def stop(self) -> None:
        """End the parts, the last one first."""
        while self._parts:
            self._parts.pop().part.stop()

    def _note_end(self, watched: _Watched) -> None:
        now = self._clock()
        is_soon = now - watched.since < STEADY_SECONDS
        watched.failures = watched.failures + 1 if is_soon else 1
        if watched.failures >= MOST_FAILED_STARTS and not watched.was_steady:
            raise PartFailed(
                f"{watched.part.name} ended {watched.failures} times soon after its start; "
                "the log says why."
            )
        delay = min(FIRST_DELAY_SECONDS * 2 ** (watched.failures - 1), LONGEST_DELAY_SECONDS)
        watched.is_down, watched.since = True, now + delay
        log.error("%s ended; it is started again in %.1f s", watched.part.name, delay)

    def _start_again(self, watched: _Watched) -> None:
        if self._clock() < watched.since:
            return
        try:
            watched.part.start()
        except PartFailed as error:
            log.error("%s does not start: %s", watched.part.name, error)  # noqa: TRY400 - no trace
            self._note_end(watched)
        else:
            watched.is_down, watched.since = False, self._clock()
