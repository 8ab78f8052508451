"""What server/docs/security.md shows is run as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from psolink.security.access_tokens import AccessTokens
from psolink.security.client_assertion import ClientAuthenticator
from psolink.security.key_sources import ClientKeys, HttpKeys
from psolink.security.keys import SigningKeys, load_keys, save_keys
from psolink.security.oauth import TokenRequestRefused
from psolink.security.principal import CONFIDENTIALITY, OrganizationKind, Role
from psolink.security.registry import Client, FixedDirectory, Organization, Registration
from psolink.security.scopes import Scopes
from psolink.security.token_endpoint import grant, single_valued

SOURCE = Path(__file__).parents[3] / "server"
PAGE = (SOURCE / "docs" / "security.md").read_text(encoding="utf-8")
SCRIPTS = {
    text.splitlines()[0].removeprefix("# "): text
    for text in re.findall(r"```(?:python|sh)\n(# \w+\.\w+\n.*?)```", PAGE, re.DOTALL)
}
HOSPITAL = Organization("hospital", "A hospital", OrganizationKind.PROVIDER)


def now() -> datetime:
    return datetime.now(UTC)


class FirstUses:
    """Takes each assertion once."""

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()

    def first_use(self, client_id: str, jti: str, expires: datetime) -> bool:
        is_first = (client_id, jti) not in self.used
        self.used.add((client_id, jti))
        return is_first


class Endpoint(BaseHTTPRequestHandler):
    """A token endpoint over HTTP, as thin as it can be."""

    authenticator: ClientAuthenticator
    directory: FixedDirectory
    tokens: AccessTokens

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            response = grant(
                single_valued(parse_qsl(text)),
                authenticator=self.authenticator,
                directory=self.directory,
                access_tokens=self.tokens,
            )
            self.answer(200, response.to_json())
        except TokenRequestRefused as refused:
            self.answer(refused.error.status, refused.error.to_json())

    def answer(self, status: int, body: object) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Reader:
    """Someone who follows the page in a folder of their own."""

    def __init__(self, folder: Path, token_endpoint: str) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "CLIENT_ID": "ehr",
            "TOKEN_ENDPOINT": token_endpoint,
            "PYTHONPATH": str(SOURCE),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        for name, text in SCRIPTS.items():
            (folder / name).write_text(text)

    def run(self, name: str, *arguments: str) -> str:
        command = "sh" if name.endswith(".sh") else sys.executable
        run = subprocess.run(
            [command, name, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def reader(server, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader who has made a key and whose client the operator has registered."""
    address = f"http://127.0.0.1:{server.server_port}/oauth/token"
    reader = Reader(tmp_path_factory.mktemp("reader"), address)
    jwks = json.loads(reader.run("make_key.py"))
    client = Client("ehr", "hospital", Scopes.parse("system/*.rs"), level=5, jwks=jwks)
    Endpoint.directory = FixedDirectory(Registration((HOSPITAL,), (), (client,)))
    Endpoint.tokens = AccessTokens(
        SigningKeys.create(), issuer="i", audience="a", lifetime=timedelta(minutes=5), clock=now
    )
    Endpoint.authenticator = ClientAuthenticator(
        Endpoint.directory,
        ClientKeys(HttpKeys(), now),
        FirstUses(),
        token_endpoint=address,
        clock=now,
    )
    return reader


def test_the_page_has_every_script_it_speaks_of():
    assert set(SCRIPTS) == {
        "make_key.py",
        "assertion.py",
        "get_token.sh",
        "get_token.py",
        "rotate_keys.py",
        "retire_keys.py",
    }


def test_the_private_key_is_readable_by_its_owner_only(reader):
    assert (reader.folder / "client-key.json").stat().st_mode & 0o777 == 0o600


def test_the_python_example_gets_a_token(reader):
    principal = Endpoint.tokens.verify(reader.run("get_token.py").strip())
    assert (principal.client_id, str(principal.scopes)) == ("ehr", "system/AdverseEvent.rs")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_the_curl_example_gets_a_token(reader):
    answer = json.loads(reader.run("get_token.sh"))
    assert Endpoint.tokens.verify(answer["access_token"]).client_id == "ehr"
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 300)


def test_the_keys_of_the_server_rotate_and_retire_as_shown(reader):
    path = reader.folder / "signing-keys.json"
    save_keys(path, SigningKeys.create())
    [old] = load_keys(path).key_ids
    reader.run("rotate_keys.py", str(path))
    new, kept = load_keys(path).key_ids
    reader.run("retire_keys.py", str(path))
    assert (kept, load_keys(path).key_ids) == (old, (new,))


@pytest.mark.parametrize(
    "word", [*map(str, Role), *map(str, OrganizationKind), *CONFIDENTIALITY, "invalid_client"]
)
def test_every_word_of_a_registration_is_explained(word: str):
    assert f"`{word}`" in PAGE
