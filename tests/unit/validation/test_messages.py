"""What the page on messages says that this validator says is what it says."""

import re
from pathlib import Path

import pytest
from tests.unit.validation.casebook import all_cases
from tests.unit.validation.test_cases import judge_of

PAGE = Path(__file__).parents[3] / "server" / "docs" / "validation-messages.md"
ROW = re.compile(r"\| (PSOLink|HL7) \| (?:`([^`]+)`)? ?\| (.+) \|")
CASES = {str(case): case for case in all_cases()}


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


@pytest.mark.parametrize("heading", SHOWN)
def test_the_page_shows_what_the_validator_says(heading: str):
    case = CASES[heading]
    said = [(each.expression or "", each.diagnostics) for each in judge_of(case)(case.invalid)]
    rows = SHOWN[heading]
    assert [(at, plain(text)) for who, at, text in rows if who == "PSOLink"] == said
    assert any(who == "HL7" for who, _, _ in rows)


def test_it_shows_twenty_faults_of_many_kinds():
    assert len(SHOWN) >= 20
    assert len({heading.partition("-")[0] for heading in SHOWN}) >= 10
