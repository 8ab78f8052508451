import re

import pytest
from bson import Regex
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.embedded.regexes import compile_regex

PREFIXES = [
    ("^abc", "abc"),
    ("^abc.*", "abc"),
    ("^ab?c", "a"),
    ("^ab*", "a"),
    ("^ab{0,2}", "a"),
    (r"^a\.b\-c", "a.b-c"),
    ("^a[bc]", "a"),
    ("^a(b)", "a"),
    ("^a|b", ""),
    ("abc", ""),
    ("^", ""),
    ("^a$", "a"),
]


@pytest.mark.parametrize(("text", "prefix"), PREFIXES)
def test_the_prefix_is_what_every_match_begins_with(text, prefix):
    assert compile_regex(text).prefix == prefix


@pytest.mark.parametrize("options", ["i", "m", "x"])
def test_these_options_leave_no_prefix(options):
    assert compile_regex("^abc", options).prefix == ""
    assert compile_regex(Regex("^abc", options)).prefix == ""


@settings(deadline=None)
@given(st.text(), st.text())
def test_an_escaped_text_matches_its_own_beginning(text, rest):
    expression = compile_regex(f"^{re.escape(text)}")
    assert expression.matches(text + rest)
    assert expression.prefix == text


def test_a_pattern_that_python_made_is_read_without_its_own_flags():
    assert compile_regex(Regex.from_native(re.compile("^Sm"))).matches("Smith")
