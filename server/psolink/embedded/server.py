"""The server process: a unix socket, one thread for each connection, and a tidy end."""

import fcntl
import itertools
import logging
import os
import socket
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from psolink.embedded.commands import table
from psolink.embedded.documents import Document
from psolink.embedded.engine import Engine, Request
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.failures import explained
from psolink.embedded.wire import MalformedMessage, Message, read_message, write_reply

LOCK_WAIT_SECONDS: Final = 5.0
# The exit status when another engine has the folder: EX_TEMPFAIL of sysexits.h.
FOLDER_IN_USE: Final = 75
# What the process writes to its output once it listens; otherwise it writes why it does not.
READY: Final = b"ready\n"
_MAX_CONNECTIONS: Final = 1_000
_CHUNK_BYTES: Final = 1 << 20

log = logging.getLogger("psolink.embedded")


class FolderInUse(Exception):
    """Another engine has the data folder."""


def lock_folder(folder: Path, seconds: float = LOCK_WAIT_SECONDS) -> IO[str]:
    """Return the lock file of the data folder, locked until it is closed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    handle = (folder / "lock").open("a")
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                handle.close()
                raise FolderInUse(
                    f"another engine uses the data folder {folder}: end the server or command that "
                    "started it, or choose another folder"
                ) from None
            time.sleep(0.05)
        else:
            return handle


class Server:
    """Answers the connections to one socket."""

    def __init__(self, engine: Engine, address: Path) -> None:
        self._engine = engine
        self._address = address
        self._listener = _listen(address)
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._reply_ids = itertools.count(1)

    def serve(self) -> None:
        """Accept connections until `close` is called."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._guard:
                if len(self._open) >= _MAX_CONNECTIONS:
                    connection.close()
                    continue
                self._open.add(connection)
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Refuse new connections and end those that are open."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._address.unlink(missing_ok=True)
        with self._guard:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _converse(self, connection: socket.socket) -> None:
        try:
            while True:
                message = read_message(lambda size: _receive(connection, size))
                reply = self._reply(message, connection)
                if message.wants_reply:
                    connection.sendall(reply)
                # Waiting for the next message must not keep the last one in memory.
                del message, reply
        except (EOFError, OSError):
            log.debug("a client closed its connection")
        except MalformedMessage as refusal:
            log.warning("closed a connection: %s", refusal)
        finally:
            with self._guard:
                self._open.discard(connection)
            connection.close()
            self._engine.sessions.connection_closed(connection)

    def _reply(self, message: Message, connection: socket.socket) -> bytes:
        number = next(self._reply_ids)
        try:
            return write_reply(message, number, self._answer(message, connection))
        except Exception as failure:  # noqa: BLE001 - the client gets an answer, whatever it is
            refusal = explained(failure)
            if isinstance(refusal, CommandError):
                return write_reply(message, number, refusal.reply())
            # The place of the failure only: its text may hold what a client has stored.
            place = traceback.extract_tb(failure.__traceback__)[-1]
            log.error(  # noqa: TRY400
                "a command failed: %s in %s:%s", type(failure).__name__, place.name, place.lineno
            )
            refusal = CommandError(Code.InternalError, "the embedded engine failed")
            return write_reply(message, number, refusal.reply())

    def _answer(self, message: Message, connection: socket.socket) -> Document:
        database = message.body.get("$db")
        if not isinstance(database, str):
            return CommandError(Code.Location40414, "the field $db is missing").reply()
        name = next(iter(message.body))
        request = Request(name, database, message.body, message.sequences, connection)
        return table.answer(self._engine, request)


def _listen(address: Path) -> socket.socket:
    address.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    previous = os.umask(0o177)
    try:
        listener.bind(str(address))
    finally:
        os.umask(previous)
    listener.listen(128)
    return listener


def _receive(connection: socket.socket, size: int) -> bytes:
    """Return exactly `size` bytes."""
    received = connection.recv(min(size, _CHUNK_BYTES))
    if len(received) == size:
        return received
    parts = [received]
    missing = size - len(received)
    while parts[-1]:
        parts.append(connection.recv(min(missing, _CHUNK_BYTES)))
        missing -= len(parts[-1])
        if not missing:
            return b"".join(parts)
    raise EOFError
