"""What the page on messages says that this validator says is what it says."""

import re
from pathlib import Path

import pytest
from tests.unit.validation.casebook import all_cases
from tests.unit.validation.test_cases import judge_of
from tests.unit.validation.test_published_profiles import SETS, judged

from psolink.outcome import Issue

PAGE = Path(__file__).parents[3] / "server" / "docs" / "validation-messages.md"
ROW = re.compile(r"\| (PSOLink|HL7) \| (?:`([^`]+)`)? ?\| (.+) \|")
CASES = {str(case): case for case in all_cases()}
OF_PROFILES = {
    f"{each['profile']}: {case['title']}": (each, case) for each in SETS for case in each["cases"]
}


def shown() -> dict[str, list[tuple[str, str, str]]]:
    """Return the rows of the page by its headings: who says what of which place."""
    _, *parts = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
    sections = (part.partition("\n") for part in parts)
    return {heading: ROW.findall(text) for heading, _, text in sections}


def plain(text: str) -> str:
    """Return what the Markdown of a row shows."""
    for written, meant in (("\\|", "|"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(written, meant)
    return text


SHOWN = shown()


def issues_of(heading: str) -> list[Issue]:
    if heading in OF_PROFILES:
        return judged(*OF_PROFILES[heading])
    case = CASES[heading]
    return judge_of(case)(case.invalid)


@pytest.mark.parametrize("heading", SHOWN)
def test_the_page_shows_what_the_validator_says(heading: str):
    said = [(each.expression or "", each.diagnostics) for each in issues_of(heading)]
    rows = SHOWN[heading]
    assert [(at, plain(text)) for who, at, text in rows if who == "PSOLink"] == said
    assert any(who == "HL7" for who, _, _ in rows)


def test_it_shows_twenty_faults_of_many_kinds():
    assert len(SHOWN) >= 20
    assert len({heading.partition("-")[0] for heading in SHOWN}) >= 10
