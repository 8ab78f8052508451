"""https://hl7.org/fhir/R4/search.html#sort"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psolink.search.sort_values import MAX_SORTED_TEXT, WIDE, is_sortable, sort_path, sort_values

TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=20)


def values_of(array, entries):
    found = sort_values(array, entries)
    assert found is not None
    return found


def ascending(text):
    return values_of("string", [{"v": text}])["a"]


@given(TEXTS, TEXTS)
def test_the_ascending_order_of_texts_is_the_descending_one_turned_round(one, other):
    assert (ascending(one) > ascending(other)) == (one < other)
    assert ascending(one).encode() == ascending(one).encode("utf-8", "strict")


@pytest.mark.parametrize(
    ("array", "entry", "value"),
    [
        ("string", {"v": "bell"}, "bell"),
        ("token", {"s": "urn:x", "c": "male"}, "male"),
        ("reference", {"t": "Patient", "i": "1"}, "Patient/1"),
        ("reference", {"u": "urn:x"}, "urn:x"),
        ("uri", {"v": "urn:x"}, "urn:x"),
        ("date", {"lo": datetime(1970, 1, 2, tzinfo=UTC)}, 86_400_000),
        ("quantity", {"v": Decimal("1.50")}, Decimal("1.50")),
    ],
)
def test_each_type_is_sorted_by(array, entry, value):
    assert values_of(array, [entry])["d"] == value


def test_the_first_value_in_each_direction_decides():
    entries = [{"v": Decimal(3)}, {"v": Decimal(1)}, {"v": Decimal(2)}]
    assert sort_values("quantity", entries) == {"a": Decimal(-1), "d": Decimal(3)}


def test_quantities_in_base_units_go_before_those_as_they_were_written():
    entries = [{"v": Decimal(5), "c": "mg"}, {"v": Decimal("0.005"), "k": "g"}]
    assert values_of("quantity", entries)["d"] == Decimal("0.005")


@pytest.mark.parametrize("array", ["token", "string", "reference", "uri", "date", "quantity"])
def test_what_is_there_without_a_value_is_sorted_last(array):
    assert sort_values(array, [{"p": "code"}]) is None


def test_a_text_is_sorted_by_its_beginning():
    assert values_of("string", [{"v": "x" * 1000}])["d"] == "x" * MAX_SORTED_TEXT


def test_without_a_value_there_is_nothing_to_sort_by():
    assert sort_values("token", [{"s": "urn:x", "c": ""}]) is None


@pytest.mark.parametrize("code", ["a.b", "$a", "", "_tag", "a" * 65])
def test_a_code_that_is_no_field_cannot_be_sorted_by(code):
    assert not is_sortable(code, "token")


def test_the_directions_have_a_field_each():
    assert sort_path("date", descending=True) != sort_path("date", descending=False)


@pytest.mark.parametrize(
    ("content", "wide"),
    [
        pytest.param({"issued": "2024-02-29T12:00:00Z"}, [], id="a moment"),
        pytest.param({"effectiveDateTime": "2024-02-29"}, [], id="a day"),
        pytest.param({"effectiveDateTime": "2024-02"}, ["date"], id="a month"),
        pytest.param({"effectivePeriod": {"start": "2024-02-29"}}, ["date"], id="an open period"),
    ],
)
def test_dates_that_are_no_single_day_are_marked(index_values, content, wide):
    found = index_values.extract({"resourceType": "Observation"} | content)
    assert [each["c"] for each in found.get("token", []) if each["p"] == WIDE] == wide
