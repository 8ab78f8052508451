"""`psolink load`, against a server over a socket."""

import json

import pytest
from click.testing import CliRunner
from tests.builders import bundle, entry, identifier, patient
from tests.server_process import running

from psolink.artifacts import artifact_dir
from psolink.cli import main

pytestmark = pytest.mark.http


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data")) as server:
        token = json.loads(server.tokens_file.read_text())["hospital-a"]["token"]

        def load(*arguments):
            base = f"{server.base}/fhir"
            return CliRunner().invoke(
                main, ["load", "--base", base, "--token", token, *map(str, arguments)]
            )

        yield load


def written(folder, resource):
    path = folder / "sent.json"
    path.write_text(json.dumps(resource))
    return path


def test_a_transaction_is_loaded_and_found_again(load):
    path = artifact_dir("profiles") / "psolink" / "examples" / "Bundle-hospital-event.json"
    first, second = load(path), load(path)
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert "6 x 201 Created" in first.output
    assert "6 x 200 OK" in second.output


def test_a_large_batch_is_loaded_in_parts(load, tmp_path):
    sent = bundle("batch", *(entry("POST", "Patient", patient()) for _ in range(120)))
    run = load(written(tmp_path, sent))
    assert run.exit_code == 0
    assert "120 x 201 Created" in run.output


def test_a_resource_with_an_id_is_put_under_it(load, tmp_path):
    assert "1 x 201" in load(written(tmp_path, patient(id="loaded"))).output
    assert "1 x 200" in load(written(tmp_path, patient(id="loaded"))).output


def test_a_common_formats_report_is_submitted(load):
    [path, *_] = sorted((artifact_dir("mappings") / "examples").glob("*.json"))
    run = load("--common-formats", path)
    assert run.exit_code == 0, run.output
    assert "201 Created" in run.output


def test_an_entry_that_is_refused_ends_with_4_and_is_told(load, tmp_path):
    sent = bundle("batch", entry("POST", "Patient", patient(gender="odd")))
    run = load(written(tmp_path, sent))
    assert run.exit_code == 4
    assert "Patient.gender" in run.output


def test_a_token_that_is_none_ends_with_1_and_is_told(load, tmp_path):
    run = load("--token", "nobody", written(tmp_path, patient()))
    assert run.exit_code == 1
    assert "401 UNAUTHORIZED: The access token" in run.output


def test_a_server_that_is_not_there_ends_with_1(tmp_path):
    path = written(tmp_path, patient(identifier=[identifier("x")]))
    command = ["load", "--base", "http://127.0.0.1:9/fhir", "--token", "x", str(path)]
    assert CliRunner().invoke(main, command).exit_code == 1
