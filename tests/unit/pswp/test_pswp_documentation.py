"""server/docs/pswp.md shows what is published and what the tables say."""

import json
import re
from pathlib import Path

import pytest

from psolink.pswp import permissions
from psolink.pswp.designations import DESIGNATIONS
from psolink.pswp.rules import RULES

PAGE = Path(__file__).parents[3] / "server" / "docs" / "pswp.md"
TEXT = PAGE.read_text("utf-8")


def examples() -> list[tuple[str, str]]:
    return re.findall(r"<!-- profiles/psolink/(\S+) -->\n```json\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(("source", "shown"), examples())
def test_an_example_is_as_published(source, shown, published):
    name, _, element = source.partition("#")
    content = published(name)
    assert json.loads(shown) == (content[element] if element else content)


def test_there_are_two_published_examples():
    assert len(examples()) == 2


def test_every_json_block_can_be_parsed():
    blocks = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert all(isinstance(json.loads(block), dict) for block in blocks)


def test_the_table_of_designations_is_the_table_of_the_server():
    rows = re.findall(r"^\| `([a-z-]+)` \| (yes|no|treated so) \| ([A-Z]) \| ([^|]*)\|", TEXT, re.M)
    who = {"anyone": {"provider", "pso", "other"}}
    assert {
        code: (pswp != "no", level, who.get(asked.strip(), {*asked.lower().split(", ")} - {""}))
        for code, pswp, level, asked in ((a, b, c, d.strip()) for a, b, c, d in rows)
    } == {
        each.code: (each.pswp, each.confidentiality, {*each.askable_by})
        for each in DESIGNATIONS.values()
    }


def test_the_reasons_are_listed_in_the_order_of_the_rules():
    listed = re.findall(r"^\| [^|]+ \| `([A-Z-]+)` \|$", TEXT, re.MULTILINE)
    requires = permissions.shipped().permissions["psa-prov-pso"].requires
    assert listed == [RULES[name].reason for name in requires]
