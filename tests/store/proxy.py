"""A proxy between a driver and the engine that loses what a test tells it to lose."""

import socket
import struct
import threading
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from psolink.embedded.documents import decode

_HEADER_BYTES = 16
_OP_MSG = 2013
_BODY_AT = 21


class Fate(Enum):
    """What becomes of a command."""

    PASS = auto()
    LOSE_REQUEST = auto()
    LOSE_REPLY = auto()


class Proxy:
    """Listens on a socket of its own; `fate` decides on each command by its name."""

    def __init__(self, uri: str, folder: Path, fate: Callable[[str], Fate]) -> None:
        self._target = unquote(urlsplit(uri).netloc)
        self._address = folder / "proxy.sock"
        self._fate = fate
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._address))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def uri(self) -> str:
        """The URI for the driver."""
        return f"mongodb://{quote(str(self._address), safe='')}/?directConnection=true"

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()
        self._address.unlink()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as engine:
            engine.connect(self._target)
            while message := _message(client):
                fate = self._fate(_name(message))
                if fate is Fate.LOSE_REQUEST:
                    return
                engine.sendall(message)
                reply = _message(engine)
                if fate is Fate.LOSE_REPLY:
                    return
                client.sendall(reply)


def _message(connection: socket.socket) -> bytes:
    received = b""
    length = _HEADER_BYTES
    while len(received) < length:
        try:
            part = connection.recv(length - len(received))
        except OSError:
            return b""
        if not part:
            return b""
        received += part
        if len(received) == _HEADER_BYTES:
            (length,) = struct.unpack_from("<i", received)
    return received


def _name(message: bytes) -> str:
    """Return the name of a command, which drivers put first."""
    if struct.unpack_from("<i", message, 12)[0] != _OP_MSG:
        return "hello"
    (length,) = struct.unpack_from("<i", message, _BODY_AT)
    return next(iter(decode(message[_BODY_AT : _BODY_AT + length])))
