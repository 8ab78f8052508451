"""Starting the engine as a child process."""

import hashlib
import os
import select
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import quote

from psolink.embedded.server import READY

_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 10.0
# The address of a unix socket has 108 bytes, one of which ends it.
_MAX_ADDRESS_BYTES: Final = 107
_PRIVATE: Final = 0o700


class EngineNotStarted(Exception):
    """The engine did not come up; the message says why."""


class EngineProcess:
    """A running engine and the URI under which MongoDB clients reach it."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: Path) -> None:
        self._process = process
        self._address = address

    @classmethod
    def start(cls, data: Path) -> "EngineProcess":
        """Return a running engine on the data folder `data`."""
        data = data.absolute()
        address = socket_address(data)
        command = [sys.executable, "-m", "psolink.embedded"]
        command += ["--data", str(data), "--socket", str(address)]
        # A session of its own: Ctrl-C ends the parent first, and the parent ends the engine.
        process = subprocess.Popen(  # noqa: S603 - the command is made here
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        engine = cls(process, address)
        try:
            engine._wait_until_ready()
        except BaseException:
            engine.stop()
            raise
        return engine

    @property
    def uri(self) -> str:
        """Return the URI for MongoDB clients."""
        return _uri(self._address)

    @property
    def process_id(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Tell whether the process runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process and wait for it."""
        self._process.terminate()
        if self._process.stdout is not None:
            self._process.stdout.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> "EngineProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        """Wait for the line that the engine writes once it listens."""
        output = self._process.stdout
        if output is None or not select.select([output], [], [], _START_SECONDS)[0]:
            raise EngineNotStarted(f"the embedded engine was not ready in {_START_SECONDS} s")
        said = output.readline()
        if said == READY:
            return
        status = self._process.wait()
        if said:
            raise EngineNotStarted(said.decode(errors="replace").strip())
        raise EngineNotStarted(f"the embedded engine ended at once with status {status}")


def running_uri(data: Path) -> str | None:
    """Return the URI of the engine that runs on a data folder; None where none does."""
    address = socket_address(data.absolute())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(address))
        except OSError:
            return None
    return _uri(address)


def _uri(address: Path) -> str:
    return f"mongodb://{quote(str(address), safe='')}/?directConnection=true"


def socket_address(data: Path) -> Path:
    """Return where the engine of a data folder listens; a long path gets a short stand-in."""
    address = data / "engine.sock"
    if len(os.fsencode(address)) <= _MAX_ADDRESS_BYTES:
        return address
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"psolink-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) != _PRIVATE:
        raise EngineNotStarted(f"{folder} belongs to somebody else: remove it")
    return folder / "engine.sock"
