"""The documents say what the code and the data say."""

import re

from psolink.artifacts import artifact_dir
from psolink.mapping import Mapper
from psolink.mapping.functions import FUNCTIONS

MAPPINGS = artifact_dir("mappings")
README = (MAPPINGS / "README.md").read_text()
GUIDE = (MAPPINGS.parent / "server" / "docs" / "mapping.md").read_text()


def test_the_list_of_functions_is_complete():
    section = README.split("## Functions")[1].split("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| (\w+) \|", section, re.MULTILINE)
    listed = {name: (reads.split(", "), [makes]) for name, reads, makes in rows}
    known = {each.name: (list(each.reads), list(each.makes)) for each in FUNCTIONS.values()}
    assert listed == known


def test_the_table_of_rules_is_the_rules(mapper: Mapper):
    section = GUIDE.split("## Rules")[1].split("Beside the rules")[0]
    rules = [rule for each in mapper.library.rule_sets for rule in each.rules]
    expected = [
        f"| {', '.join(rule.sources)} | `{rule.target.path}` | `{rule.function.name}` |"
        for rule in rules
    ]
    assert [line for line in section.splitlines() if line.startswith("| DE")] == expected


def test_the_example_of_the_three_words_is_a_rule():
    example = re.findall(r"- \{from: .*\}", README)[0]
    rules = (MAPPINGS / "common-formats" / "v1.2" / "rules" / "1-adverse-event.yaml").read_text()
    assert example in rules


def test_there_is_no_python_among_the_data():
    assert list(MAPPINGS.rglob("*.py")) == []
