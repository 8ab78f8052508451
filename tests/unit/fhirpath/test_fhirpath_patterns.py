import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from psolink.fhirpath import FhirPathError, resource_node
from psolink.fhirpath.patterns import compile_pattern

LETTERS = st.text(alphabet="ab-1 \n", max_size=12)
ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d", "\\s", "\\W", "[a-b1]", "\\b", "-"])
BASES = ATOMS.filter(lambda atom: atom != "\\b")
ITEMS = st.one_of(
    ATOMS,
    st.tuples(BASES, st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?"])).map(
        "".join
    ),
)
PATTERNS = st.recursive(
    st.lists(ITEMS, min_size=1, max_size=4).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"({one})b?"),
    ),
    max_leaves=4,
)


def spend(_steps: int) -> None:
    """Count nothing."""


@settings(max_examples=200, deadline=None)
@given(PATTERNS, LETTERS)
def test_what_matches_is_what_a_backtracking_engine_says(pattern, text):
    ours = compile_pattern(pattern)
    theirs = re.compile(pattern, re.DOTALL | re.ASCII)
    assert ours.is_in(text, spend) == (theirs.search(text) is not None)
    assert ours.is_in(text, spend, whole=True) == (theirs.fullmatch(text) is not None)


@settings(max_examples=200, deadline=None)
@given(PATTERNS, LETTERS)
def test_the_first_match_is_where_a_backtracking_engine_has_it(pattern, text):
    theirs = re.search(pattern, text, re.DOTALL | re.ASCII)
    assume(theirs is not None and theirs.end() > theirs.start())
    found = next(compile_pattern(pattern).matches(text, spend))
    assert theirs is not None
    assert found[:2] == theirs.span()


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)+$", "(a|aa)+$", "(.*a){20}$", "([a-z]+)*1", "(a*)*(a*)*(a*)*1"]
)
def test_a_pattern_that_would_backtrack_for_hours_is_answered(compiler, pattern):
    text = "a" * 5000 + "!"
    expression = compiler.compile(f"name.text.matches('{pattern}')")
    focus = resource_node({"resourceType": "Patient", "name": [{"text": text}]})
    assert expression(focus)[0].value is False


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[a",
        "*a",
        "a{2,1}",
        "a{9999}",
        "(a{500}){500}",
        "((?:){999}){999}",
        "(" * 40 + ")" * 40,
        "a" * 3000,
        "\\",
        "\\u12",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?i)a",
        "(a)\\1",
        "\\p{L}",
        "[z-a]",
        "[[:alpha:]]",
        "^*",
    ],
)
def test_a_pattern_that_is_wrong_or_not_supported_is_refused(pattern):
    with pytest.raises(FhirPathError):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "is_in"),
    [
        ("[]]", "]", True),
        ("[a-]", "-", True),
        ("[\\d-]", "-", True),
        ("[\\u0041]", "A", True),
        ("\\x41", "A", True),
        ("a{,2}", "a{,2}", True),
        ("\\.", "x", False),
        ("\\Ba", "ba", True),
        ("[\\n]", "\n", True),
        ("[+-]?é", "é", True),
    ],
)
def test_a_pattern_means_what_it_says(pattern, text, is_in):
    assert compile_pattern(pattern).is_in(text, spend) is is_in
