"""A FHIR server to judge: one of our own, or any at `--base-url`."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def _server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    base, tokens = (request.config.getoption(name) for name in ("--base-url", "--token-file"))
    if base:
        yield base.rstrip("/"), tokens
        return
    data = tmp_path_factory.mktemp("data")
    port = str(20000 + os.getpid() % 20000)
    command = [
        sys.executable,
        "-m",
        "psolink",
        "serve",
        "--dev",
        "--port",
        port,
        "--data",
        str(data),
    ]
    with subprocess.Popen(command, env=os.environ | {"PSOLINK_LOG_LEVEL": "error"}) as process:
        root = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{root}/health/ready", process)
            yield f"{root}/fhir", data / "dev-tokens.json"
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    pytest.fail("the server did not start")


@pytest.fixture(scope="session")
def actors(_server: tuple[str, Path]) -> dict[str, Actor]:
    base, path = _server
    tokens = json.loads(path.read_text())
    return {name: Actor(base, each["token"]) for name, each in tokens.items()}


@pytest.fixture
def hospital(actors: dict[str, Actor]) -> Actor:
    return actors["hospital-a"]


@pytest.fixture
def rival(actors: dict[str, Actor]) -> Actor:
    return actors["hospital-b"]
