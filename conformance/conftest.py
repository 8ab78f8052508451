"""A FHIR server to judge: one of our own, or any at `--base-url`."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--base-url", help="FHIR base URL; without it a server is started")
    parser.addoption("--token-file", type=Path, help="JSON with the token of each actor")


class Actor:
    """A client with a token, over HTTP."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def post_form(self, path: str, content: str, **headers: str) -> requests.Response:
        """Send parameters in a form, as a search by POST does."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, content.encode(), **(form | headers))

    def follow(self, url: str) -> requests.Response:
        """Get what a link of an answer leads to."""
        return self._session.get(url, headers={"Accept": "application/fhir+json"}, timeout=60)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        sent = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        is_ready = body is None or isinstance(body, bytes)
        content = body if is_ready else json.dumps(body).encode()
        return self._session.request(
            method, self.base + path, data=content, headers=sent, timeout=60
        )


@dataclass(frozen=True)
class Served:
    """A server: its base URL and the file with a token for each actor."""

    base: str
    tokens: Path


@contextmanager
def served(
    config: pytest.Config, folders: pytest.TempPathFactory, *, workers: int = 2
) -> Iterator[Served]:
    """Yield the server that is to be judged, or one of our own with so many workers."""
    base, tokens = (config.getoption(name) for name in ("--base-url", "--token-file"))
    if base:
        yield Served(base.rstrip("/"), tokens)
        return
    data, port = folders.mktemp("data"), _free_port()
    command = [sys.executable, "-m", "psolink", "serve", "--dev"]
    command += ["--port", str(port), "--data", str(data), "--workers", str(workers)]
    with subprocess.Popen(command, env=os.environ | {"PSOLINK_LOG_LEVEL": "error"}) as process:
        root = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{root}/health/ready", process)
            yield Served(f"{root}/fhir", data / "dev-tokens.json")
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def client_of(server: Served, actor: str) -> Actor:
    """Return a client of one actor, with connections of its own."""
    return Actor(server.base, json.loads(server.tokens.read_text())[actor]["token"])


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with served(request.config, tmp_path_factory) as running:
        yield running


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    # The first start stores the definitions of R4.
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(0.1)
    pytest.fail("the server did not start")


@pytest.fixture(scope="session")
def actors(server: Served) -> dict[str, Actor]:
    return {name: client_of(server, name) for name in json.loads(server.tokens.read_text())}


@pytest.fixture
def hospital(actors: dict[str, Actor]) -> Actor:
    return actors["hospital-a"]


@pytest.fixture
def rival(actors: dict[str, Actor]) -> Actor:
    return actors["hospital-b"]
