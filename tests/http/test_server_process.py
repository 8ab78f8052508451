"""The command `psolink serve` as processes over a socket."""

import json
import stat

import pytest
import requests
from click.testing import CliRunner
from tests.builders import adverse_event, patient
from tests.server_process import Client, running

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


def test_dev_listens_on_loopback_only(tmp_path):
    command = ["serve", "--dev", "--host", "0.0.0.0", "--data", str(tmp_path)]
    run = CliRunner().invoke(main, command)
    assert run.exit_code == 2
    assert "loopback" in run.output
