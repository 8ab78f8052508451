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


NAMED = "http://example.org/StructureDefinition/named"
PROFILE_OF_NAMES = {
    "resourceType": "StructureDefinition",
    "url": NAMED,
    "type": "Patient",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]},
}


@pytest.fixture
def package(tmp_path) -> str:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "named.json").write_text(json.dumps(PROFILE_OF_NAMES))
    return str(folder)


def validate(*arguments: str, **environment: str):
    return CliRunner().invoke(main, ["validate", *arguments], env=environment)


def test_a_profile_from_a_package_is_judged_where_asked_for(tmp_path, package):
    path = tmp_path / "p.json"
    path.write_text('{\n "resourceType": "Patient",\n "active": true\n}')
    by_option = validate("--package", package, "--profile", NAMED, str(path))
    by_environment = validate("--profile", NAMED, str(path), PSOLINK_PACKAGES=package)
    for answer in (by_option, by_environment):
        assert answer.exit_code == 4
        assert "Patient.name" in answer.output
    assert validate(str(path)).exit_code == 0


def test_a_fault_is_told_with_file_line_and_column(tmp_path):
    path = tmp_path / "p.json"
    path.write_text('{\n "resourceType": "Patient",\n "gender": "odd"\n}')
    assert f"{path}:3:2: error Patient.gender" in validate(str(path)).output
    xml = tmp_path / "p.xml"
    xml.write_text('<Patient xmlns="http://hl7.org/fhir">\n  <gender value="odd"/>\n</Patient>')
    assert f"{xml}:2:3: error Patient.gender" in validate(str(xml)).output


def test_the_other_files_are_judged_where_one_cannot_be_read(run):
    answer = run(b"{", patient(gender="odd"))
    assert answer.exit_code == 2
    assert "Patient.gender" in answer.output


def test_an_unknown_profile_and_an_unreadable_package_are_told(tmp_path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(patient(active=True)))
    assert validate("--profile", NAMED, str(path)).exit_code == 4
    assert validate("--package", str(tmp_path / "none.tgz"), str(path)).exit_code == 2


def test_colours_go_away_with_no_color(tmp_path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(patient(active=True)))
    coloured = CliRunner().invoke(main, ["validate", str(path)], color=True)
    plain = CliRunner().invoke(main, ["validate", str(path)], env={"NO_COLOR": "1"}, color=True)
    assert "\x1b[" in coloured.output
    assert "\x1b[" not in plain.output


def test_absent_elements_that_must_be_supported_are_told_where_asked_for(tmp_path):
    element = {"id": "Patient.photo", "path": "Patient.photo", "mustSupport": True}
    profile = PROFILE_OF_NAMES | {"differential": {"element": [element]}}
    (tmp_path / "profile.json").write_text(json.dumps(profile))
    path = tmp_path / "p"
    path.write_text(json.dumps(patient(active=True)))
    arguments = ("--package", str(tmp_path), "--profile", NAMED, str(path))
    assert "Patient.photo" not in validate(*arguments).output
    thorough = validate("--must-support", *arguments)
    assert thorough.exit_code == 0
    assert "Patient.photo" in thorough.output
