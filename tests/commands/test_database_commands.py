"""`psolink indexes`, `psolink explain` and `psolink migrate` on a database."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from tests.builders import patient
from tests.server_process import Client, running

from psolink.cli import main
from psolink.commands.demo import free_port
from psolink.embedded.launcher import EngineProcess, running_uri
from psolink.store.layout import LAYOUT, write_layout
from psolink.store.mongo import MongoStore
from psolink.store.startup import connect
from psolink.store.values import Access, Key, Page, Put, Records

pytestmark = pytest.mark.http

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WITHOUT_VALUES = 3
"""The layout from which a migration takes all values to search by anew."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running server with three patients of hospital-a and one of hospital-b."""
    with running(tmp_path_factory.mktemp("data")) as started:
        for actor, count in (("hospital-a", 3), ("hospital-b", 1)):
            for _ in range(count):
                Client(started, actor).send("POST", "/Patient", patient(gender="male"))
        yield started


@pytest.fixture
def database(server):
    with connect(running_uri(server.data) or "") as client:
        yield client["psolink"]


def run(data, *arguments):
    return CliRunner().invoke(main, [*arguments, "--data", str(data)])


def test_the_indexes_of_a_running_server_are_as_defined(server):
    checked = run(server.data, "indexes", "check")
    assert checked.exit_code == 0
    assert "present" in checked.output
    assert "missing" not in checked.output


def test_a_missing_index_is_told_and_built(server, database):
    database["resources"].drop_index("by_id_2")
    checked = run(server.data, "indexes", "check", "--json")
    assert checked.exit_code == 1
    missing = [each for each in json.loads(checked.output) if each["state"] == "missing"]
    assert [each["name"] for each in missing] == ["by_id_2"]
    assert run(server.data, "indexes", "build").exit_code == 0
    assert run(server.data, "indexes", "check").exit_code == 0


def test_a_server_without_an_index_says_that_it_is_not_ready(server, database):
    database["resources"].drop_index("by_id_2")
    answer = Client(server, "hospital-a")._session.get(f"{server.base}/health/ready")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["the index resources.by_id_2 is missing"]
    run(server.data, "indexes", "build")


def test_a_search_by_a_number_is_explained(server):
    told = run(server.data, "explain", "Observation?value-quantity=gt5", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)[0]["index"].startswith("by_")


def test_a_search_is_explained_as_an_organization_makes_it(server):
    def returned(organization):
        told = run(
            server.data, "explain", "Patient?gender=male", "--organization", organization, "--json"
        )
        assert told.exit_code == 0, told.output
        query = json.loads(told.output)[0]
        assert query["index"].startswith("by_")
        return query["returned"]

    assert (returned("hospital-a"), returned("hospital-b")) == (3, 1)


def test_an_explanation_shows_filter_index_and_what_was_examined(server):
    told = run(server.data, "explain", "Patient?gender=male")
    assert "index by_" in told.output
    assert "$elemMatch" in told.output
    assert "documents examined" in told.output


@pytest.mark.parametrize(
    ("url", "more"),
    [
        pytest.param("Patient?bogus=1", (), id="an unknown parameter"),
        pytest.param("Bogus?name=x", (), id="an unknown type"),
        pytest.param("Patient", ("--organization", "nobody"), id="an unknown organization"),
    ],
)
def test_what_cannot_be_searched_is_wrong_usage(server, url, more):
    assert run(server.data, "explain", url, *more).exit_code == 2


def old(folder):
    """Make a database of an earlier layout, with a resource whose search values are missing."""
    with EngineProcess.start(folder) as engine, connect(engine.uri) as client:
        resource = {"resourceType": "Patient", "id": "1", "gender": "male"}
        access = Access("a", ("a",), 3, pswp=False)
        put = Put(Key("a", "Patient", "1"), resource, access, {}, 0, "PUT")
        MongoStore(client, "psolink").commit([put], Records(), now=NOW)
        write_layout(client["psolink"], WITHOUT_VALUES)


def found_by_gender(folder):
    query = {"type": "Patient", "token": {"$elemMatch": {"p": "gender", "c": "male"}}}
    with EngineProcess.start(folder) as engine, connect(engine.uri) as client:
        return len(MongoStore(client, "psolink").find(query, Page(10)))


def test_serve_refuses_an_older_layout_and_says_what_to_do(tmp_path):
    old(tmp_path)
    refused = run(tmp_path, "serve", "--port", str(free_port()))
    assert refused.exit_code == 1
    assert "psolink migrate" in refused.output


def test_a_dry_run_counts_and_changes_nothing(tmp_path):
    old(tmp_path)
    told = run(tmp_path, "migrate", "--dry-run")
    assert told.exit_code == 0
    assert "search values: 1 documents" in told.output
    assert found_by_gender(tmp_path) == 0


def test_a_migration_makes_the_database_fit(tmp_path):
    old(tmp_path)
    assert run(tmp_path, "migrate").exit_code == 0
    assert found_by_gender(tmp_path) == 1
    again = run(tmp_path, "migrate")
    assert (again.exit_code, "nothing to do" in again.output) == (0, True)


def test_nothing_is_migrated_while_a_server_runs(server):
    refused = run(server.data, "migrate")
    assert refused.exit_code == 1
    assert "another engine uses the data folder" in refused.output


def test_a_newer_layout_is_left_alone(tmp_path):
    with EngineProcess.start(tmp_path) as engine, connect(engine.uri) as client:
        write_layout(client["psolink"], LAYOUT + 1)
    for command in (["migrate"], ["serve", "--port", str(free_port())]):
        refused = run(tmp_path, *command)
        assert refused.exit_code == 1
        assert "newer release" in refused.output
