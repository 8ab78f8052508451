"""The command `psolink serve` as processes over a socket."""

import json
import os
import re
import signal
import socket
import stat
import time
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from tests.builders import adverse_event, patient
from tests.server_process import (
    Client,
    background_worker,
    embedded_engine,
    running,
    web_master,
    web_workers,
)

from psolink.cli import main

pytestmark = pytest.mark.http


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data")) as started:
        yield started


def test_the_tokens_file_has_every_actor_and_is_private(server):
    tokens = json.loads(server.tokens_file.read_text())
    actors = {"hospital-a", "hospital-b", "pso-p", "pso-q", "outsider", "auditor", "admin"}
    assert tokens.keys() == actors
    assert all(each.keys() == {"token", "organization"} for each in tokens.values())
    assert stat.S_IMODE(server.tokens_file.stat().st_mode) == 0o600


def test_the_data_folder_is_private(server):
    kept = [path for path in server.data.rglob("*") if path.is_file() or path.is_socket()]
    assert kept
    assert [path.name for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


@pytest.mark.parametrize("path", ["live", "ready"])
def test_health_is_good(server, path):
    assert requests.get(f"{server.base}/health/{path}", timeout=5).status_code == 200


def test_what_was_acknowledged_survives_a_kill(server):
    client = Client(server, "hospital-a")
    created = client.send("POST", "/AdverseEvent", adverse_event()).json()
    server.kill()
    server.start()
    answer = client.send("GET", f"/AdverseEvent/{created['id']}")
    assert answer.json() == created


def test_tokens_stay_valid_across_a_start(server):
    client = Client(server, "hospital-a")
    server.kill()
    server.start()
    assert client.send("POST", "/Patient", patient()).status_code == 201


@pytest.mark.parametrize(
    "victims",
    [
        pytest.param(web_workers, id="the web workers"),
        pytest.param(lambda server: [embedded_engine(server)], id="the engine"),
        pytest.param(lambda server: [web_master(server)], id="the web server with its workers"),
        pytest.param(
            lambda server: [web_master(server), embedded_engine(server)], id="both at once"
        ),
        pytest.param(lambda server: [background_worker(server)], id="the worker"),
    ],
)
def test_a_process_that_is_killed_is_started_again(server, victims):
    created = after_all(server, "POST", "/Patient", patient())
    for process in victims(server):
        os.kill(process, signal.SIGKILL)
    assert after_all(server, "GET", f"/Patient/{created['id']}") == created


def after_all(server, method, path, body=None):
    """Return the answer once the server gives one again; a cut connection is tried anew."""
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = Client(server, "hospital-a").send(method, path, body)
        except requests.RequestException:
            answer = None
        if answer is not None and answer.ok:
            return answer.json()
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_more_connections_than_threads_are_all_served(server):
    # Two workers of eight threads each: a thread that waited for one of these would keep others.
    sessions = [requests.Session() for _ in range(40)]
    url = f"{server.base}/health/live"
    for _ in range(2):
        assert {each.get(url, timeout=5).status_code for each in sessions} == {200}


def test_requests_that_are_sent_together_are_answered_in_order(server):
    host, _, port = server.base.removeprefix("http://").partition(":")
    paths = ["/health/live", "/nothing", "/health/live"]
    sent = "".join(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n" for path in paths)
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(sent.encode())
        received = b""
        while len(statuses := re.findall(rb"HTTP/1.1 (\d+)", received)) < len(paths):
            received += connection.recv(65536)
    assert statuses == [b"200", b"404", b"200"]


POST = b"POST /fhir/Patient HTTP/1.1\r\nContent-Type: application/fhir+json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(
            b"GET /fhir/Patient?x=" + 9000 * b"a" + b" HTTP/1.1\r\n", 414, id="a long URL"
        ),
        pytest.param(
            b"GET /fhir/Patient HTTP/1.1\r\nX: " + 9000 * b"a" + b"\r\n", 431, id="a long header"
        ),
        pytest.param(b"\x16\x03\x01", 400, id="TLS"),
        pytest.param(b"GET / HTTP/9.9\r\n", 400, id="another version"),
        pytest.param(POST + b"Expect: a miracle\r\n", 417, id="another expectation"),
        pytest.param(CHUNKED + b"Content-Length: 5\r\n", 400, id="two lengths"),
        pytest.param(CHUNKED + b"\r\nZZ", 400, id="a malformed chunk"),
    ],
)
def test_what_is_no_request_is_refused_with_an_outcome_that_does_not_quote_it(server, sent, status):
    host, _, port = server.base.removeprefix("http://").partition(":")
    token = json.loads(server.tokens_file.read_text())["hospital-a"]["token"]
    head, _, rest = sent.partition(b"\r\n")
    allowed = f"Authorization: Bearer {token}\r\nConnection: close\r\n".encode()
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head + b"\r\n" + allowed + rest + b"\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert int(answer.split()[1]) == status
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["resourceType"] == "OperationOutcome"
    assert b"aaaa" not in answer
    assert b"miracle" not in answer


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_processes_in_order(tmp_path, end):
    with running(tmp_path) as started:
        parts = [web_master(started), embedded_engine(started), *web_workers(started)]
        parts.append(background_worker(started))
        os.kill(started.pid, end)
        assert started.wait() == 0
        assert [each for each in parts if Path(f"/proc/{each}").exists()] == []
        assert not (tmp_path / "engine.sock").exists()


def test_the_worker_builds_what_an_organization_stores(server):
    parameter = {
        "resourceType": "SearchParameter",
        "url": "urn:parameter:own",
        "name": "Own",
        "status": "active",
        "description": "A parameter of our own.",
        "code": "nickname",
        "base": ["Patient"],
        "type": "string",
        "expression": "Patient.name.where(use = 'nickname').given",
    }
    stored = after_all(server, "POST", "/SearchParameter", parameter)
    path = f"/SearchParameter/{stored['id']}/$reindex-status"
    deadline = time.monotonic() + 30
    while {"name": "seen", "valueInteger": 0} in after_all(server, "GET", path)["parameter"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_an_address_in_use_is_said_and_ends_the_command(server, tmp_path):
    port = server.base.rsplit(":", 1)[1]
    run = CliRunner().invoke(main, ["serve", "--port", port, "--data", str(tmp_path)])
    assert run.exit_code == 1
    assert "cannot be listened on" in run.output


def test_dev_listens_on_loopback_only(tmp_path):
    command = ["serve", "--dev", "--host", "0.0.0.0", "--data", str(tmp_path)]
    run = CliRunner().invoke(main, command)
    assert run.exit_code == 2
    assert "loopback" in run.output
