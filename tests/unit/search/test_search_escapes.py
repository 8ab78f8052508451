import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.search.escapes import escape, split, unescape
from psolink.search.search_type import MalformedValue


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        (r"a\,b", [r"a\,b"]),
        (r"a\\,b", [r"a\\", "b"]),
        (r"a\\\,b", [r"a\\\,b"]),
        ("", [""]),
        (",", ["", ""]),
        ("\\", ["\\"]),
        ("a\n,b", ["a\n", "b"]),
    ],
)
def test_values_are_split_where_the_separator_is_not_escaped(text, parts):
    assert split(text, ",") == parts


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("a,|$\\")), min_size=1))
def test_what_is_escaped_and_joined_is_split_and_unescaped_again(parts):
    joined = ",".join(map(escape, parts))
    assert [unescape(part) for part in split(joined, ",")] == parts


@pytest.mark.parametrize("text", ["\\", "a\\", "\\n", "\\\\\\", "\\é"])
def test_a_backslash_that_begins_no_escape_is_refused(text):
    with pytest.raises(MalformedValue):
        unescape(text)
