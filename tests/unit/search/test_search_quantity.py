from decimal import Decimal

import pytest

from psolink.errors import InvalidRequest

UCUM = "http://unitsofmeasure.org"


def observation(number: str, code: str | None = None, **more: object) -> dict[str, object]:
    value = {"value": Decimal(number), **more}
    if code is not None:
        value |= {"system": UCUM, "code": code}
    return {"resourceType": "Observation", "valueQuantity": value}


OTHER_SYSTEM = {
    "resourceType": "Observation",
    "valueQuantity": {"value": Decimal("5.4"), "system": "urn:other", "code": "mg"},
}
FOUND = [
    (observation("5.4", "mg"), "5.4|http://unitsofmeasure.org|mg", True),
    (observation("5.4", "mg"), "0.0054|http://unitsofmeasure.org|g", True),
    (observation("5.4", "mg"), "5400|http://unitsofmeasure.org|ug", True),
    (observation("5.4", "mg"), "5.4|http://unitsofmeasure.org|g", False),
    (observation("5.4", "mg"), "5.4|http://unitsofmeasure.org|mL", False),
    (observation("5.44", "mg"), "5.4|http://unitsofmeasure.org|mg", True),
    (observation("5.45", "mg"), "5.4|http://unitsofmeasure.org|mg", False),
    (observation("5.4", "mg"), "gt5|http://unitsofmeasure.org|mg", True),
    (observation("5.4", "mg"), "gt0.005|http://unitsofmeasure.org|g", True),
    (observation("5.4", "mg"), "lt0.005|http://unitsofmeasure.org|g", False),
    (observation("5.4", "mg"), "ne5.4|http://unitsofmeasure.org|mg", False),
    (observation("5.4", "mg"), "ne5.5|http://unitsofmeasure.org|mg", True),
    (observation("5.4", "mg"), "ap5|http://unitsofmeasure.org|mg", True),
    (observation("5.6", "mg"), "ap5|http://unitsofmeasure.org|mg", False),
    (observation("5.4", "mg"), "5.4", True),
    (observation("5.4", "mg"), "0.0054", False),
    (observation("5.4", "mg"), "5.4||mg", True),
    (observation("5.4", "mg"), "5.4||g", False),
    (observation("5.4", "mg", unit="milligram"), "5.4||milligram", True),
    (observation("5.4", unit="drops"), "5.4||drops", True),
    (observation("5.4", unit="drops"), "5.4||spoons", False),
    (observation("5.4", unit="drops"), "5.4|http://unitsofmeasure.org|drops", False),
    (observation("5.4", "mg"), "5.4|urn:other|mg", False),
    (OTHER_SYSTEM, "5.4|urn:other|mg", True),
    (OTHER_SYSTEM, "5.4|http://unitsofmeasure.org|mg", False),
    (observation("37", "Cel"), "98.6|http://unitsofmeasure.org|[degF]", True),
    (observation("37", "Cel"), "ap38|http://unitsofmeasure.org|Cel", True),
    (observation("20", "Cel"), "ap38|http://unitsofmeasure.org|Cel", False),
    (observation("90", "mm[Hg]"), "12|http://unitsofmeasure.org|kPa", True),
    (observation("100", "mg/dL"), "1.0|http://unitsofmeasure.org|g/L", True),
    (observation("1", "h"), "60|http://unitsofmeasure.org|min", True),
    (observation("3", "nonsense"), "3|http://unitsofmeasure.org|nonsense", True),
    (observation("3", "nonsense"), "3|http://unitsofmeasure.org|mg", False),
    (observation("5", "mg", comparator="<"), "lt4|http://unitsofmeasure.org|mg", True),
    (observation("5", "mg", comparator="<"), "gt6|http://unitsofmeasure.org|mg", False),
    (observation("5", "mg", comparator=">"), "gt6|http://unitsofmeasure.org|mg", True),
    (observation("5", "mg", comparator=">="), "lt4|http://unitsofmeasure.org|mg", False),
    (observation("5", "mg", comparator="<"), "5|http://unitsofmeasure.org|mg", False),
    (observation("5.4", "mg"), "1,5.4||mg", True),
    (observation("5.4", "mg"), "1||mg,gt6", False),
]


@pytest.mark.parametrize(("resource", "value", "expected"), FOUND)
def test_a_quantity_is_compared_in_its_unit(finds, resource, value, expected):
    assert finds(resource, "value-quantity", value) is expected


AGE = {"value": 40, "system": UCUM, "code": "a"}
OTHERS = [
    ({"resourceType": "Condition", "onsetAge": AGE}, "onset-age", f"480|{UCUM}|mo", True),
    ({"resourceType": "Condition", "onsetAge": AGE}, "onset-age", f"gt41|{UCUM}|a", False),
    (
        {
            "resourceType": "Condition",
            "onsetRange": {"low": AGE, "high": AGE | {"value": 50}},
        },
        "onset-age",
        f"gt45|{UCUM}|a",
        True,
    ),
    (
        {
            "resourceType": "Condition",
            "onsetRange": {"low": AGE, "high": AGE | {"value": 50}},
        },
        "onset-age",
        f"sa45|{UCUM}|a",
        False,
    ),
    (
        {
            "resourceType": "Invoice",
            "totalNet": {"value": Decimal("99.95"), "currency": "USD"},
        },
        "totalnet",
        "99.95|urn:iso:std:iso:4217|USD",
        True,
    ),
    (
        {
            "resourceType": "Invoice",
            "totalNet": {"value": Decimal("99.95"), "currency": "USD"},
        },
        "totalnet",
        "99.95||EUR",
        False,
    ),
    (
        {"resourceType": "Encounter", "length": {"value": 90, "system": UCUM, "code": "min"}},
        "length",
        f"ge1|{UCUM}|h",
        True,
    ),
]
SAMPLES = {
    "resourceType": "Observation",
    "valueSampledData": {
        "origin": {"value": 100, "system": UCUM, "code": "mV"},
        "period": 10,
        "factor": Decimal("0.5"),
        "dimensions": 1,
        "data": "E 20 -40 U 6 L",
    },
}


@pytest.mark.parametrize(("resource", "name", "value", "expected"), OTHERS)
def test_what_is_a_kind_of_quantity_is_compared_alike(finds, resource, name, value, expected):
    assert finds(resource, name, value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"sa79|{UCUM}|mV", True),
        (f"sa80|{UCUM}|mV", False),
        (f"eb111|{UCUM}|mV", True),
        (f"eb110|{UCUM}|mV", False),
        (f"gt0.1|{UCUM}|V", True),
    ],
)
def test_sampled_data_reach_from_the_lowest_to_the_highest_sample(finds, value, expected):
    assert finds(SAMPLES, "value-quantity", value) is expected


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("E U L", id="no number"),
        pytest.param("x", id="nonsense"),
        pytest.param(5, id="5"),
    ],
)
def test_sampled_data_without_numbers_are_there_without_a_value(finds, data):
    samples = {
        "resourceType": "Observation",
        "valueSampledData": {"origin": {"value": 1}, "data": data},
    }
    assert finds(samples, "value-quantity:missing", "false")
    assert not finds(samples, "value-quantity", "1")


@pytest.mark.parametrize(
    "value",
    ["", "mg", "5|mg", "5|urn:x|", "5|a|b|c", "|urn:x|mg", "5mg", "gt|urn:x|mg", "5||mg,"],
)
def test_what_is_no_quantity_is_refused(parse, value):
    with pytest.raises(InvalidRequest):
        parse("Observation", ("value-quantity", value))
