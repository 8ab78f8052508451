"""The processes of a server, for the supervisor to look after."""

import os
import subprocess
import sys
from collections.abc import Sequence

from psolink.commands.supervisor import PartFailed
from psolink.embedded.launcher import EngineNotStarted, EngineProcess
from psolink.settings import Settings

_STOP_SECONDS = 30.0


class EnginePart:
    """The embedded engine; its socket stays the same, so that clients find the next one."""

    name = "the embedded engine"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: EngineProcess | None = None

    @property
    def uri(self) -> str:
        """The URI of the running engine."""
        if self._engine is None:
            raise PartFailed("the embedded engine was not started")
        return self._engine.uri

    def start(self) -> None:
        """Start the engine and wait until it answers."""
        try:
            self._engine = EngineProcess.start(self._settings.data)
        except EngineNotStarted as error:
            raise PartFailed(str(error)) from error

    def is_alive(self) -> bool:
        """Tell whether the engine runs."""
        return self._engine is not None and self._engine.is_alive()

    def stop(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.stop()


class ModulePart:
    """A module of ours in a process of its own, with the settings in its environment."""

    def __init__(
        self,
        name: str,
        module: str,
        settings: Settings,
        *,
        arguments: Sequence[str] = (),
        keep_open: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", module, *arguments]
        self._environment = os.environ | settings.to_env()
        self._keep_open = tuple(keep_open)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process."""
        # A session of its own: Ctrl-C ends the supervisor first, and it ends the others in order.
        self._process = subprocess.Popen(  # noqa: S603 - the command is made here
            self._command,
            env=self._environment,
            pass_fds=self._keep_open,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_alive(self) -> bool:
        """Tell whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the process; kill it where it takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
