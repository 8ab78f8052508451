from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.errors import InvalidRequest

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def item(number: object) -> dict[str, object]:
    return {"resourceType": "ChargeItem", "factorOverride": number}


def found_by(finds, resource, name: str, value: str) -> str:
    return " ".join(each for each in PREFIXES if finds(resource, name, f"{each}{value}"))


PRECISE = [
    ("100", "100", True),
    ("99.5", "100", True),
    ("99.49", "100", False),
    ("100.49", "100", True),
    ("100.5", "100", False),
    ("99.995", "100.00", True),
    ("99.99", "100.00", False),
    ("100.004", "100.00", True),
    ("100.005", "100.00", False),
    ("95", "1e2", True),
    ("94.9", "1e2", False),
    ("104.9", "1e2", True),
    ("105", "1e2", False),
    ("99.5", "1.0e2", True),
    ("99.4", "1.0e2", False),
    ("0.5", "1", True),
    ("1.5", "1", False),
    ("0.95", "1.0", True),
    ("0.94", "1.0", False),
    ("-5.4", "-5.4", True),
    ("-5.45", "-5.4", True),
    ("-5.35", "-5.4", False),
    ("0.00054", "5.4e-4", True),
    ("0.0005", "5.4e-4", False),
    ("1000000000000000000000000000000001", "1000000000000000000000000000000001", True),
    ("1000000000000000000000000000000002", "1000000000000000000000000000000001", False),
    ("0.1", "0.1", True),
    ("3", "1,3", True),
    ("3", "1,2", False),
]


@pytest.mark.parametrize(("stored", "value", "expected"), PRECISE)
def test_a_number_means_what_its_digits_stand_for(finds, stored, value, expected):
    assert finds(item(Decimal(stored)), "factor-override", value) is expected


@pytest.mark.parametrize(
    ("stored", "value", "expected"),
    [
        ("100", "100", "eq ge le ap"),
        ("100.2", "100", "eq gt ge sa ap"),
        ("99.8", "100", "eq lt le eb ap"),
        ("101", "100", "ne gt ge sa ap"),
        ("99", "100", "ne lt le eb ap"),
        ("110", "100", "ne gt ge sa ap"),
        ("110.1", "100", "ne gt ge sa"),
        ("90", "100", "ne lt le eb ap"),
        ("89.9", "100", "ne lt le eb"),
        ("-89.9", "-100", "ne gt ge sa"),
        ("-95", "-100", "ne gt ge sa ap"),
        ("0", "0", "eq ge le ap"),
        ("0.6", "0", "ne gt ge sa"),
    ],
)
def test_only_equality_and_approximation_look_at_precision(finds, stored, value, expected):
    assert found_by(finds, item(Decimal(stored)), "factor-override", value) == expected


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"low": "0.45", "high": "0.54"}, "eq gt lt ge le ap"),
        ({"low": "0.45", "high": "0.55"}, "ne gt lt ge le ap"),
        ({"low": "0.4", "high": "0.5"}, "ne lt ge le ap"),
        ({"low": "0.5", "high": "0.6"}, "ne gt ge le ap"),
        ({"low": "0.6", "high": "0.7"}, "ne gt ge sa"),
        ({"low": "0.1", "high": "0.2"}, "ne lt le eb"),
        ({"low": "0.1", "high": "0.9"}, "ne gt lt ge le ap"),
        ({"low": "0.2"}, "ne gt lt ge le ap"),
        ({"low": "0.7"}, "ne gt ge sa"),
        ({"high": "0.2"}, "ne lt le eb"),
        ({"high": "0.7"}, "ne gt lt ge le ap"),
        ({"low": "0.5", "high": "0.5"}, "eq ge le ap"),
        ({}, ""),
    ],
)
def test_a_range_is_compared_by_its_ends(finds, bounds, expected):
    ends = {name: {"value": Decimal(number)} for name, number in bounds.items()}
    risk = {"resourceType": "RiskAssessment", "prediction": [{"probabilityRange": ends}]}
    assert found_by(finds, risk, "probability", "0.5") == expected


def test_a_whole_number_is_a_number(finds):
    sequence = {"resourceType": "MolecularSequence", "variant": [{"start": 22125503}]}
    assert finds(sequence, "variant-start", "22125503")
    assert not finds(sequence, "variant-start", "22125504")


@pytest.mark.parametrize(
    "value", ["", "x", "gt", "1,", "5..4", "1e", "1e9999", "1" * 40, "1 2", "0x1"]
)
def test_what_is_no_number_is_refused(parse, value):
    with pytest.raises(InvalidRequest) as failure:
        parse("ChargeItem", ("factor-override", value))
    assert "factor-override" in failure.value.issues[0].diagnostics


@pytest.mark.parametrize("number", [True, "5", None, Decimal("1E+9999"), Decimal("NaN")])
def test_what_is_no_number_is_not_kept_as_one(document, number):
    found = document(item(number)).get("quantity", [])
    assert all(each.keys() == {"p"} for each in found)


NUMBERS = st.decimals(min_value=-200, max_value=200, places=1)
RULES = {
    "gt": lambda stored, value: stored > value,
    "lt": lambda stored, value: stored < value,
    "ge": lambda stored, value: stored >= value,
    "le": lambda stored, value: stored <= value,
}


@settings(deadline=None)
@given(stored=NUMBERS, value=NUMBERS, prefix=st.sampled_from(sorted(RULES)))
def test_numbers_are_compared_as_numbers(finds, stored, value, prefix):
    expected = RULES[prefix](stored, value)
    assert finds(item(stored), "factor-override", f"{prefix}{value}") is expected
