"""A development server in processes of its own, and clients of it over a socket."""

import json
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
    server = Server(data, free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()
