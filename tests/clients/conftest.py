"""One server over a socket for all public clients, and what each test has to itself."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from tests.server_process import running

from psolink.commands.demo import Server

SYSTEM = "urn:psolink:clients"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("clients")) as started:
        yield started


@pytest.fixture(scope="session")
def base(server: Server) -> str:
    return f"{server.base}/fhir"


@pytest.fixture(scope="session")
def token(server: Server) -> str:
    tokens = json.loads(server.tokens_file.read_text())
    return str(tokens["hospital-a"]["token"])


@pytest.fixture
def value() -> str:
    """An identifier's value, or a tag, that no other test has."""
    return str(uuid4())
