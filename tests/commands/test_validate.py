"""`psolink validate`"""

import json

import pytest
from click.testing import CliRunner
from tests.builders import PROFILE, adverse_event, designated, patient

from psolink.artifacts import artifact_dir
from psolink.cli import main


@pytest.fixture
def run(tmp_path):
    def run(*resources, **options):
        paths = []
        for number, resource in enumerate(resources):
            path = tmp_path / f"{number}.json"
            path.write_bytes(
                resource if isinstance(resource, bytes) else json.dumps(resource).encode()
            )
            paths.append(str(path))
        flags = [f"--{name}" for name in options]
        return CliRunner().invoke(main, ["validate", *flags, *paths])

    return run


def test_valid_files_end_with_0(run):
    answer = run(patient(active=True), designated("pswp-pending"))
    assert (answer.exit_code, answer.output.count(": valid")) == (0, 2)


def test_an_invalid_file_ends_with_4_and_every_fault_is_told(run):
    answer = run(patient(gender="odd"), {"resourceType": "AdverseEvent"})
    assert answer.exit_code == 4
    for place in ("Patient.gender", "AdverseEvent.actuality", "AdverseEvent.subject"):
        assert place in answer.output


def test_a_profile_that_is_claimed_is_checked(run):
    answer = run(adverse_event(meta={"profile": [PROFILE]}))
    assert answer.exit_code == 4
    assert "AdverseEvent.meta.security" in answer.output


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_an_unreadable_file_ends_with_2(run, content):
    assert run(content).exit_code == 2


def test_a_file_that_is_not_there_ends_with_2():
    assert CliRunner().invoke(main, ["validate", "nowhere.json"]).exit_code == 2


def test_json_output_is_one_outcome_for_each_file(run):
    answer = run(patient(), patient(gender="odd"), json=True)
    outcomes = [json.loads(line) for line in answer.output.splitlines()]
    assert [each["issue"][0]["severity"] for each in outcomes] == ["information", "error"]


def test_the_examples_are_valid():
    files = [*(artifact_dir("profiles") / "psolink" / "examples").glob("*.json")]
    files += (artifact_dir("mappings") / "examples").glob("*.json")
    as_sent = [str(path) for path in files if "as-returned" not in path.stem]
    assert len(as_sent) > 3
    answer = CliRunner().invoke(main, ["validate", *as_sent])
    assert answer.exit_code == 0, answer.output
