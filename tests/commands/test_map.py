"""`psolink map`"""

import json

import pytest
from click.testing import CliRunner

from psolink.artifacts import artifact_dir
from psolink.cli import main

REPORTS = sorted((artifact_dir("mappings") / "examples").glob("*.json"))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_is_printed_as_the_bundle_that_it_becomes(path):
    run = CliRunner().invoke(main, ["map", str(path)])
    assert run.exit_code == 0, run.output
    bundle = json.loads(run.stdout)
    kinds = [each["resource"]["resourceType"] for each in bundle["entry"]]
    assert kinds[0] == "AdverseEvent"
    assert "Provenance" in kinds


def test_what_is_no_report_ends_with_4(tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"resourceType": "QuestionnaireResponse", "status": "completed"}')
    run = CliRunner().invoke(main, ["map", str(path)])
    assert (run.exit_code, run.stdout) == (4, "")
    assert run.stderr
