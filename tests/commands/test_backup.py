"""`psolink backup` and `psolink restore`."""

from typing import Any

import pytest
from click.testing import CliRunner
from pymongo import MongoClient

from psolink.cli import main
from psolink.embedded.launcher import EngineProcess

pytestmark = pytest.mark.http


def run(*arguments, **environment):
    return CliRunner().invoke(main, [str(each) for each in arguments], env=environment)


@pytest.fixture
def folder(tmp_path):
    """A data folder with one document in its database."""
    data = tmp_path / "data"
    with EngineProcess.start(data) as engine, MongoClient[Any](engine.uri) as client:
        client.d.c.insert_one({"_id": "first"})
    return data


def found(folder):
    with EngineProcess.start(folder) as engine, MongoClient[Any](engine.uri) as client:
        return [each["_id"] for each in client.d.c.find()]


def test_a_backup_of_a_running_engine_is_restored_after_its_end(tmp_path, folder):
    copy = tmp_path / "copy"
    with EngineProcess.start(folder) as engine, MongoClient[Any](engine.uri) as client:
        made = run("backup", copy, "--data", folder)
        assert (made.exit_code, "1 documents" in made.output) == (0, True)
        client.d.c.insert_one({"_id": "second"})
    assert found(folder) == ["first", "second"]
    assert run("restore", copy, "--data", folder).exit_code == 0
    assert found(folder) == ["first"]


def test_nothing_is_restored_while_a_server_runs(tmp_path, folder):
    copy = tmp_path / "copy"
    run("backup", copy, "--data", folder)
    with EngineProcess.start(folder):
        refused = run("restore", copy, "--data", folder)
    assert refused.exit_code == 1
    assert "end it, then restore" in refused.output


def test_a_backup_is_not_overwritten_unasked(tmp_path, folder):
    copy = tmp_path / "copy"
    assert [
        run("backup", copy, "--data", folder, *more).exit_code for more in ([], [], ["--overwrite"])
    ] == [0, 2, 0]


def test_a_damaged_backup_is_refused(tmp_path, folder):
    copy = tmp_path / "copy"
    copy.write_bytes(b"x" * 10_000)
    refused = run("restore", copy, "--data", folder)
    assert refused.exit_code == 1
    assert "damaged" in refused.output
    assert found(folder) == ["first"]


@pytest.mark.parametrize(
    ("command", "tool"), [("backup", "mongodump"), ("restore", "mongorestore")]
)
def test_a_mongodb_is_left_to_its_own_tools(tmp_path, command, tool):
    refused = run(command, tmp_path / "copy", PSOLINK_MONGODB_URI="mongodb://db.example/")
    assert refused.exit_code == 2
    assert tool in refused.output
