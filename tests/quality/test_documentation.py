"""What is documented is so, and what is so is documented."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from psolink.cli import main
from psolink.settings import Settings

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "server" / "docs").rglob("*.md"))]


def test_every_setting_is_documented_with_its_default():
    for field in fields(Settings):
        row = re.search(rf"^\| `PSOLINK_{field.name.upper()}` \| (.*?) \|", README, re.MULTILINE)
        assert row, f"README.md has no row for {field.name}"
        shown = "" if field.default in (None, ()) else f"`{field.default}`".lower()
        assert row[1].lower() == shown


def test_no_setting_is_documented_that_does_not_exist():
    known = {f"PSOLINK_{field.name.upper()}" for field in fields(Settings)}
    assert set(re.findall(r"^\| `(PSOLINK_\w+)`", README, re.MULTILINE)) == known


def test_every_command_is_documented_and_has_help():
    runner = CliRunner()
    for name, command in main.commands.items():
        assert f"`psolink {name}" in README
        assert command.help
        assert runner.invoke(main, [name, "--help"]).exit_code == 0


def test_every_folder_of_the_package_is_on_the_map():
    package = ROOT / "server" / "psolink"
    folders = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    missing = [name for name in folders if f"`{name}/`" not in README]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_decision_records_are_numbered_in_their_names_and_titles_without_gap_or_double():
    paths = sorted((ROOT / "server" / "docs" / "adr").glob("*.md"))
    named = [int(path.name[:4]) for path in paths]
    titled = [int(path.read_text().removeprefix("# ").partition(".")[0]) for path in paths]
    assert named == titled == list(range(1, len(paths) + 1))


def test_decision_records_have_the_four_headings():
    for path in sorted((ROOT / "server" / "docs" / "adr").glob("*.md")):
        headings = re.findall(r"^## (.*)$", path.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "Status", "Consequences"], path.name
