"""The encoded keys sort as the values compare, by an order that is written down once more here."""

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.embedded.errors import CommandError
from psolink.embedded.ordering import descending, is_nan, key, successor

RANKS = [
    (type(None),), (int, float, Int64, Decimal128), (str,), (dict,), (list,), (bytes, Binary),
    (ObjectId,), (bool,), (DatetimeMS,),
]  # fmt: skip


def rank(value: object) -> int:
    return next(place for place, kinds in enumerate(RANKS) if type(value) in kinds)


def number(value):
    exact = value.to_decimal() if isinstance(value, Decimal128) else Decimal(value)
    return (not exact.is_nan(), Decimal(0) if exact.is_nan() else exact)


COMPARABLE: list[Callable[[Any], Any]] = [
    lambda value: 0,
    number,
    str.encode,
    lambda document: document,
    lambda array: array,
    lambda binary: (len(binary), getattr(binary, "subtype", 0), bytes(binary)),
    lambda identity: identity,
    int,
    int,
]


def compared(one, other) -> int:
    """Compare as the manual says; -1, 0 or 1."""
    if rank(one) != rank(other):
        return -1 if rank(one) < rank(other) else 1
    if isinstance(one, dict):
        return compared_lists(fields_of(one), fields_of(other))
    if isinstance(one, list):
        return compared_lists(one, other)
    ones, others = (COMPARABLE[rank(each)](each) for each in (one, other))
    return int(ones > others) - int(ones < others)


def fields_of(document):
    """Return what is compared of a document, in turn: type, name and value of each field."""
    return [part for name, value in document.items() for part in (rank(value), name, value)]


def compared_lists(ones, others) -> int:
    for one, other in zip(ones, others, strict=False):
        result = compared(one, other)
        if result:
            return result
    return (len(ones) > len(others)) - (len(ones) < len(others))


LONGS = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.builds(
    lambda sign, digits, exponent: Decimal128(Decimal((sign, digits, exponent))),
    st.integers(0, 1),
    st.lists(st.integers(0, 9), min_size=1, max_size=34),
    st.integers(-6176, 6111),
)
NEARLY_EQUAL = [
    0, 0.0, -0.0, 1, 1.0, Decimal128("1.00"), Decimal128("1E+2"), 100, 0.1, Decimal128("0.1"), -0.1,
    Decimal128("-0.1"), 2**53, 2**53 + 1, float(2**53), Int64(2**53 + 1), -(2**53) - 1, 5e-324,
    Decimal128("1E-6176"), Decimal128("1E+6111"), 1.7976931348623157e308, float("inf"),
    float("-inf"), float("nan"), Decimal128("NaN"), Decimal128("-Infinity"),
    Decimal128("-1E-6176"), 2**63 - 1, float(2**63),
]  # fmt: skip
NUMBERS = st.one_of(st.sampled_from(NEARLY_EQUAL), LONGS, LONGS.map(Int64), st.floats(), DECIMALS)
NAMES = st.text("ab\x01é", max_size=2).filter(lambda name: "\0" not in name)
SCALARS = st.one_of(
    st.none(),
    NUMBERS,
    st.text("a\x00\x01\xff\U0001f600", max_size=4),
    st.binary(max_size=3),
    st.builds(Binary, st.binary(max_size=3), st.integers(0, 127)),
    st.binary(min_size=12, max_size=12).map(ObjectId),
    st.booleans(),
    LONGS.map(DatetimeMS),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_keys_sort_as_values_compare(one, other):
    assert (key(one) > key(other)) - (key(one) < key(other)) == compared(one, other)


@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_numbers_of_all_types_are_one_order(one, other):
    assert (key(one) > key(other)) - (key(one) < key(other)) == compared(one, other)


@settings(deadline=None)
@given(*[st.text("a\x00\x01\xff", max_size=4)] * 2)
def test_texts_sort_by_their_bytes(one, other):
    assert (key(one) < key(other)) == (one.encode() < other.encode())


def test_numbers_that_are_nearly_equal_sort_as_they_compare():
    for one, other in itertools.product(NEARLY_EQUAL, repeat=2):
        assert (key(one) > key(other)) - (key(one) < key(other)) == compared(one, other)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_descending_keys_sort_the_other_way_round(one, other):
    up, down = (key(one), key(other)), (descending(key(one)), descending(key(other)))
    assert (up[0] < up[1]) == (down[0] > down[1])


@settings(deadline=None)
@given(VALUES, VALUES)
def test_no_key_is_the_beginning_of_another(one, other):
    assert key(one) == key(other) or not key(one).startswith(key(other))


@settings(deadline=None)
@given(VALUES, st.binary(max_size=4))
def test_the_successor_is_beyond_everything_with_that_beginning(value, rest):
    assert key(value) + rest < successor(key(value))


@settings(deadline=None)
@given(VALUES, VALUES)
def test_the_successor_passes_no_other_value(one, other):
    if key(other) > key(one):
        assert key(other) >= successor(key(one))


@pytest.mark.parametrize("value", [float("nan"), Decimal128("NaN")])
def test_every_nan_is_the_same(value):
    assert is_nan(value)
    assert key(value) == key(float("nan"))


def test_a_type_that_is_not_supported_is_refused():
    with pytest.raises(CommandError, match="type set"):
        key({1, 2})
