from decimal import Decimal

import pytest

from psolink.fhirpath import FhirPathError

EQUALITY = [
    ("1 = 1.0", True),
    ("1 = 2", False),
    ("1 = '1'", False),
    ("1 = true", False),
    ("'a' = 'A'", False),
    ("gender = 'female'", True),
    ("gender != 'male'", True),
    ("{} = 1", []),
    ("{} != {}", []),
    ("(1 | 2) = (1 | 2)", True),
    ("(1 | 2) = (2 | 1)", False),
    ("(1 | 2) = 1", False),
    ("name[0] = name[0]", True),
    ("name[0] = name[1]", False),
    ("identifier = identifier", True),
    ("4 'mg' = 4.0 'mg'", True),
    ("'a\\tB' ~ 'A b'", True),
    ("'a' !~ 'b'", True),
    ("(1 | 2) ~ (2 | 1)", True),
    ("{} ~ {}", True),
    ("1.11 ~ 1.1", True),
    ("birthDate = @1974-12-25", True),
    ("birthDate ~ @1974-12", False),
    ("name[0] ~ name[1]", False),
]
DATES = [
    ("birthDate = @1974-12", []),
    ("birthDate = @1975", False),
    ("birthDate > @1974-12-24", True),
    ("birthDate < @1974", []),
    ("@2020-01-01T10:00:00Z = @2020-01-01T12:00:00+02:00", True),
    ("@2020-01-01T10:00:00Z < @2020-01-01T10:00:00.5Z", True),
    ("@2020-01-01T10:00:00Z = @2020-01-01T10:00:00", []),
    ("@2020-01-01T10:00:00 <= @2020-01-01T10:00:00.0", True),
    ("@T10:30 < @T10:31", True),
    ("@T10:30 = @T10:30:00", []),
    ("@2020-01-01 = @T10:30", False),
    ("@2020-12-31T23:30:00-01:00 > @2021-01-01T00:00:00Z", True),
]
ORDER = [
    ("1 < 1.5", True),
    ("2 >= 2", True),
    ("'a' < 'b'", True),
    ("3 'kg' > 2 'kg'", True),
    ("{} < 1", []),
    ("multipleBirth > 1", True),
]
LOGIC = [
    ("true and {}", []),
    ("false and {}", False),
    ("{} and false", False),
    ("true or {}", True),
    ("{} or true", True),
    ("{} or false", []),
    ("true xor true", False),
    ("true xor {}", []),
    ("false implies {}", True),
    ("{} implies true", True),
    ("{} implies false", []),
    ("true implies {}", []),
    ("true implies false", False),
    ("gender and active", True),
]
MEMBERSHIP = [
    ("'Sue' in name.given", True),
    ("'Zed' in name.given", False),
    ("{} in name.given", []),
    ("name.given contains 'Sue'", True),
    ("photo.title contains 'Sue'", False),
]
ARITHMETIC = [
    ("1 + 2", 3),
    ("1.5 + 1", Decimal("2.5")),
    ("'a' + 'b'", "ab"),
    ("'a' + {}", []),
    ("'a' & {}", "a"),
    ("3 - 5", -2),
    ("-3 + 1", -2),
    ("+3", 3),
    ("2 * 3", 6),
    ("3 / 2", Decimal("1.5")),
    ("3 / 0", []),
    ("-7 div 2", -3),
    ("7 mod 4", 3),
    ("7 div 0", []),
    ("2147483647 + 1", []),
]
ANSWERS = EQUALITY + DATES + ORDER + LOGIC + MEMBERSHIP + ARITHMETIC


@pytest.mark.parametrize(("expression", "expected"), ANSWERS, ids=[each[0] for each in ANSWERS])
def test_an_operator_answers(values, expression, expected):
    assert values(expression) == (expected if isinstance(expected, list) else [expected])


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("1 < 'a'", id="a number and a string compared"),
        pytest.param("(1 | 2) < 3", id="several items compared"),
        pytest.param("1 + 'a'", id="a number and a string added"),
        pytest.param("@2020 + 1", id="a date and a number added"),
        pytest.param("@2020 < @T10", id="a date and a time compared"),
        pytest.param("(true | false) and true", id="several conditions"),
        pytest.param("-'a'", id="the sign of a string"),
    ],
)
def test_operands_that_do_not_fit_are_an_error(values, expression):
    with pytest.raises(FhirPathError):
        values(expression)


def test_diagnostics_do_not_quote_the_resource(values):
    with pytest.raises(FhirPathError) as failure:
        values("name[0].family + 1")
    assert "Bell" not in str(failure.value)
