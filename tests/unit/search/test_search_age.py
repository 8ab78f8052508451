from datetime import UTC, datetime

import pytest

from psolink.errors import InvalidRequest

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
LEAP_DAY = datetime(2023, 2, 28, 15, tzinfo=UTC)


def patient(born: str, **more: object) -> dict[str, object]:
    return {"resourceType": "Patient", "birthDate": born, **more}


def found_by(finds, resource, value: str) -> str:
    # The clock stands at 1 June 2024.
    return " ".join(each for each in PREFIXES if finds(resource, "age", f"{each}{value}"))


@pytest.mark.parametrize(
    ("born", "age", "expected"),
    [
        pytest.param("1984-06-01", "40", "eq ge le ap", id="forty today"),
        pytest.param("1984-06-02", "40", "ne lt le eb ap", id="forty tomorrow"),
        pytest.param("1983-06-02", "40", "eq ge le ap", id="forty for a year less a day"),
        pytest.param("1983-06-01", "40", "ne gt ge sa ap", id="forty-one today"),
        pytest.param("1980-06-01", "40", "ne gt ge sa ap", id="about forty"),
        pytest.param("1979-06-01", "40", "ne gt ge sa", id="not about forty"),
        pytest.param("1984", "40", "eq ge le ap", id="of a year the first day counts"),
        pytest.param("2024-05-31", "0", "eq ge le ap", id="an infant"),
    ],
)
def test_an_age_is_counted_in_completed_years(finds, born, age, expected):
    assert found_by(finds, patient(born), age) == expected


def test_who_has_died_or_has_no_date_of_birth_has_no_age(finds):
    for resource in (
        patient("1984-06-01", deceasedBoolean=True),
        patient("1984-06-01", deceasedDateTime="2020"),
        {"resourceType": "Patient"},
    ):
        assert not finds(resource, "age", "ge0")
    assert finds(patient("1984-06-01", deceasedBoolean=False), "age", "ge0")


def test_who_was_born_on_a_leap_day_grows_older_in_every_year(finds):
    assert finds(patient("2004-02-28"), "age", "19", clock=lambda: LEAP_DAY)
    assert finds(patient("2004-02-29"), "age", "18", clock=lambda: LEAP_DAY)
    leap = datetime(2024, 2, 29, tzinfo=UTC)
    assert finds(patient("2003-02-28"), "age", "21", clock=lambda: leap)
    assert finds(patient("2003-03-01"), "age", "20", clock=lambda: leap)


@pytest.mark.parametrize("value", ["", "young", "40.5", "-1", "201", "40,"])
def test_what_is_no_age_is_refused(parse, value):
    with pytest.raises(InvalidRequest):
        parse("Patient", ("age", value))


@pytest.mark.parametrize(
    ("birth", "value", "expected"),
    [
        ({"multipleBirthBoolean": True}, "true", True),
        ({"multipleBirthInteger": 2}, "true", True),
        ({"multipleBirthBoolean": False}, "false", True),
        ({"multipleBirthBoolean": False}, "true", False),
        ({}, "false", False),
    ],
)
def test_being_one_of_several_is_a_truth_value(finds, birth, value, expected):
    resource = {"resourceType": "Patient", **birth}
    assert finds(resource, "birthOrderBoolean", value) is expected
