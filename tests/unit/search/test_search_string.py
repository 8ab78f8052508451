import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.errors import InvalidRequest
from psolink.search.escapes import escape
from psolink.search.texts import folded, following


def patient(family: str) -> dict[str, object]:
    return {"resourceType": "Patient", "name": [{"family": family, "given": ["Ann", "Sue"]}]}


FOUND = [
    ("Bell", "Bell", True),
    ("Bell", "bel", True),
    ("Bell", "ell", False),
    ("Bell", "Bella", False),
    ("Bell", "b", True),
    ("Müller", "muller", True),
    ("Muller", "MÜL", True),
    ("Mu\u0308ller", "M\u00fcller", True),
    ("Straße", "strasse", True),
    ("STRASSE", "straße", True),
    ("O'Brien", "obr", True),
    ("OBrien", "o'brien", True),
    ("van  der\tBerg", "Van Der B", True),
    ("van der Berg", "  van   der ", True),
    ("Łódź", "łodz", True),
    ("Bell", "x,bel", True),
    ("Bell", "x,y", False),
    ("a,b", r"a\,b", True),
    ("100%", "100", True),
    (".*", "b", False),
    ("Bell", "^b", False),
    ("Bell", "[a-z]+", False),
    ("\U0001f600x", "\U0001f600", True),
]


@pytest.mark.parametrize(("stored", "value", "expected"), FOUND)
def test_a_string_finds_what_begins_with_it(finds, stored, value, expected):
    assert finds(patient(stored), "family", value) is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name", "sue", True),
        ("name", "bell", True),
        ("given", "sue", True),
        ("given", "bell", False),
        ("family", "sue", False),
    ],
)
def test_a_name_is_found_by_each_of_its_parts(finds, name, value, expected):
    assert finds(patient("Bell"), name, value) is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("address", "12 main", True),
        ("address", "spring", True),
        ("address", "apt", True),
        ("address", "VT", True),
        ("address", "home", False),
        ("address-city", "springfield", True),
        ("address-city", "12", False),
        ("address-postalcode", "0515", True),
    ],
)
def test_an_address_is_found_by_each_of_its_parts(finds, name, value, expected):
    address = {"use": "home", "line": ["12 Main St.", "Apt 4"], "city": "Springfield"}
    address |= {"state": "VT", "postalCode": "05156"}
    assert finds({"resourceType": "Patient", "address": [address]}, name, value) is expected


MODIFIED = [
    ("Bell", "exact", "Bell", True),
    ("Bell", "exact", "bell", False),
    ("Bell", "exact", "Bel", False),
    ("bell", "exact", "bell", True),
    ("bell", "exact", "Bell", False),
    ("Müller", "exact", "Müller", True),
    ("Müller", "exact", "Muller", False),
    ("muller", "exact", "Müller", False),
    ("O'Brien", "exact", "O'Brien", True),
    ("OBrien", "exact", "O'Brien", False),
    ("a  b", "exact", "a b", False),
    ("a b", "exact", "a b", True),
    ("...", "exact", "...", True),
    ("x" * 5000, "exact", "x" * 1000, False),
    ("X" * 1000, "exact", "X" * 1000, True),
    ("Bell", "exact", "x,Bell", True),
    ("Bell", "contains", "ell", True),
    ("Bell", "contains", "EL", True),
    ("Bell", "contains", "bell", True),
    ("Bell", "contains", "lle", False),
    ("Müller", "contains", "ULL", True),
    ("van der Berg", "contains", "r b", True),
    ("a.b", "contains", "a.b", True),
    ("a$b^c", "contains", r"\$b^", True),
    ("a$bc", "contains", r"\$b^", False),
    ("aXb", "contains", "a.b", False),
    ("a+b=c|d", "contains", r"a+b=c\|d", True),
    ("aab=c|d", "contains", r"a+b=c\|d", False),
    ("Bell", "missing", "false", True),
    ("...", "missing", "false", True),
]


@pytest.mark.parametrize(("stored", "modifier", "value", "expected"), MODIFIED)
def test_a_modifier_of_a_string_says_what_matters(finds, stored, modifier, value, expected):
    assert finds(patient(stored), f"family:{modifier}", value) is expected


@pytest.mark.parametrize("modifier", ["exact", "contains"])
@pytest.mark.parametrize("value", ["", "a,", "x" * 1001])
def test_a_modified_string_without_a_value_is_refused(parse, modifier, value):
    with pytest.raises(InvalidRequest):
        parse("Patient", (f"family:{modifier}", value))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="blanks"),
        pytest.param("'-'", id="punctuation alone"),
        pytest.param("a,,b", id="an empty alternative"),
        pytest.param("x" * 1001, id="too long"),
    ],
)
def test_a_string_that_would_find_everything_is_refused(parse, value):
    with pytest.raises(InvalidRequest):
        parse("Patient", ("family", value))


def test_a_long_text_is_found_by_as_much_of_it_as_may_be_asked_for(finds):
    assert finds(patient("x" * 5000), "family", "x" * 1000)
    assert not finds(patient("x" * 5000), "family", "x" * 999 + "y")


def test_the_filter_is_a_range(parse):
    assert parse("Patient", ("family", "Bell")).filter == {
        "type": "Patient",
        "string": {"$elemMatch": {"p": "family", "v": {"$gte": "bell", "$lt": "belm"}}},
    }


@settings(deadline=None)
@given(prefix=st.text(min_size=1), text=st.text())
def test_the_following_string_ends_the_range_of_a_prefix(prefix, text):
    end = following(prefix)
    for candidate in (text, prefix + text, prefix):
        is_between = prefix <= candidate and (end is None or candidate < end)
        assert is_between is candidate.startswith(prefix)


def test_nothing_follows_the_last_character_and_surrogates_are_passed_over():
    assert following("\U0010ffff") is None
    assert following("a\U0010ffff") == "b"
    assert following("\ud7ff") == "\ue000"


@settings(deadline=None)
@given(stored=st.text(max_size=8), value=st.text(min_size=1, max_size=4))
def test_prefixes_are_found_exactly(finds, stored, value):
    if not folded(value):
        return
    expected = folded(stored).startswith(folded(value))
    assert finds(patient(stored), "family", escape(value)) is expected


@settings(deadline=None)
@given(stored=st.text(max_size=8), value=st.text(min_size=1, max_size=4))
def test_contained_and_exact_texts_are_found_exactly(finds, stored, value):
    if folded(value):
        contained = finds(patient(stored), "family:contains", escape(value))
        assert contained is (folded(value) in folded(stored))
    assert finds(patient(stored), "family:exact", escape(value)) is (stored == value)


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_folded_like_all_other_text(text):
    assert folded(text + "é").startswith(folded(text).rstrip())
