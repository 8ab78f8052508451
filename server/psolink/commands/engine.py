"""Run the embedded engine beside the server, and start it again should it die."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from psolink.embedded.launcher import EngineNotStarted, EngineProcess
from psolink.settings import Settings
from psolink.setup import NotReady

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


@contextmanager
def engine_for(settings: Settings) -> Iterator[str]:
    """Yield the URI of the database: the configured MongoDB, or an embedded engine started here.

    Raise `NotReady` where the engine does not start.
    """
    if settings.mongodb_uri:
        yield settings.mongodb_uri
        return
    try:
        engine = EngineProcess.start(settings.data)
    except EngineNotStarted as error:
        raise NotReady(str(error)) from error
    guard = _Guard(engine, settings)
    guard.start()
    try:
        yield engine.uri
    finally:
        guard.stop()


class _Guard(threading.Thread):
    """Watches the engine; its socket stays the same, so that workers find the next one."""

    def __init__(self, engine: EngineProcess, settings: Settings) -> None:
        super().__init__(name="engine-guard", daemon=True)
        self._engine = engine
        self._settings = settings
        self._ended = threading.Event()

    def run(self) -> None:
        """Look after the engine until `stop`."""
        while not self._ended.wait(_LOOK_SECONDS):
            if not self._engine.is_alive():
                log.error("the embedded engine ended; starting it again")
                self._restart()

    def stop(self) -> None:
        """End the watch and the engine."""
        self._ended.set()
        self.join()
        self._engine.stop()

    def _restart(self) -> None:
        try:
            self._engine = EngineProcess.start(self._settings.data)
        except EngineNotStarted as error:
            log.error("the embedded engine does not start: %s", error)  # noqa: TRY400 - no trace
