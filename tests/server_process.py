"""A development server in processes of its own, and clients of it over a socket."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from psolink.commands.demo import Server, free_port
from psolink.formats.json_codec import render


class Client:
    """One of the seeded clients, over a socket."""

    def __init__(self, server: Server, actor: str) -> None:
        tokens = json.loads(server.tokens_file.read_text())
        self._base = f"{server.base}/fhir"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {tokens[actor]['token']}"
        self._session.headers["Content-Type"] = "application/fhir+json"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        content = None if body is None else render(body)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._session.request(
            method, self._base + path, data=content, headers=sent, timeout=60
        )


@contextmanager
def running(data: Path) -> Iterator[Server]:
    """Yield a server on a port of its own; end it afterwards."""
    server = Server(data, free_port(), {"PSOLINK_CORE_DEFINITIONS": "false"})
    try:
        server.start()
        yield server
    finally:
        server.stop()


def web_workers(server: Server) -> list[int]:
    """Return the numbers of the processes that answer requests."""
    return _children(web_master(server))


def embedded_engine(server: Server) -> int:
    """Return the number of the engine's process."""
    [engine] = _running(server.pid, "psolink.embedded")
    return engine


def background_worker(server: Server) -> int:
    """Return the number of the process that works beside requests."""
    [worker] = _running(server.pid, "psolink.commands.worker")
    return worker


def web_master(server: Server) -> int:
    """Return the number of the process that starts the web workers."""
    [web] = _running(server.pid, "psolink.commands.web_server")
    return web


def _running(parent: int, module: str) -> list[int]:
    """Return the children of `parent` that run a module; wait while it is started again."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = [each for each in _children(parent) if module in _command(each)]
        if found:
            return found
        time.sleep(0.05)
    return []


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(each) for each in listed.split()]


def _command(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/cmdline").read_text().split("\0")
    except OSError:
        return []
