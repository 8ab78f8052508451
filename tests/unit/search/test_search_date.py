from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.errors import InvalidRequest
from psolink.search.intervals import parse_interval

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
# For each stored value and criterion the prefixes that find it, in the order above.
FOUND = [
    ("2024-03-10", "2024-03-10", "eq ge le ap"),
    ("2024-03-10", "2024-03", "eq ge le ap"),
    ("2024-03-10", "2024", "eq ge le ap"),
    ("2024-03-10", "2024-03-11", "ne lt le eb"),
    ("2024-03-10", "2024-03-09", "ne gt ge sa"),
    ("2024-03-10", "2025", "ne lt le eb"),
    ("2024-03-10", "2023", "ne gt ge sa"),
    ("2024-03", "2024-03-10", "ne gt lt ge le ap"),
    ("2024", "2024-12-31", "ne lt le ap"),
    ("2024", "2024-01-01", "ne gt ge ap"),
    ("2024-02-29", "2024-02", "eq ge le ap"),
    ("2024-02-29", "2024-03", "ne lt le eb"),
    ("2024-01-31", "2024-02-01", "ne lt le eb"),
    ("2024-03-10T14:30:05Z", "2024-03-10", "eq ge le ap"),
    ("2024-03-10T14:30:05Z", "2024-03-10T14:30", "eq ge le ap"),
    ("2024-03-10T14:30:05Z", "2024-03-10T14:30:05Z", "eq ge le ap"),
    ("2024-03-10T14:30:05.500Z", "2024-03-10T14:30:05Z", "eq ge le ap"),
    ("2024-03-10T14:30:05Z", "2024-03-10T14:30:05.500Z", "ne gt lt ge le ap"),
    ("2024-03-10T14:30:05Z", "2024-03-10T16:30:05+02:00", "eq ge le ap"),
    ("2024-03-10T00:00:00.000Z", "2024-03-10", "eq ge le ap"),
    ("2024-03-10T23:59:59.999Z", "2024-03-10", "eq ge le ap"),
    ("2024-03-11T00:00:00.000Z", "2024-03-10", "ne gt ge sa"),
    ("2024-03-09T23:59:59.999Z", "2024-03-10", "ne lt le eb"),
    ("2024-03-10T23:30:00-05:00", "2024-03-10", "ne gt ge sa"),
    ("2024-03-10T23:30:00-05:00", "2024-03-11", "eq ge le ap"),
    ("2024-03-10T14:30:05Z", "2024-03-10T14:30:06Z", "ne lt le eb"),
]


def observation(effective: str) -> dict[str, object]:
    return {"resourceType": "Observation", "effectiveDateTime": effective}


def at(value: str) -> Callable[[], datetime]:
    """Return a clock that stands within a date, so that `ap` does not widen it."""
    interval = parse_interval(value)
    assert interval is not None
    return lambda: interval.low


def found_by(finds, resource, name: str, value: str) -> str:
    clock = at(value)
    found = [each for each in PREFIXES if finds(resource, name, f"{each}{value}", clock=clock)]
    return " ".join(found)


@pytest.mark.parametrize(("stored", "value", "expected"), FOUND)
def test_a_prefix_compares_intervals(finds, stored, value, expected):
    assert found_by(finds, observation(stored), "date", value) == expected
    assert finds(observation(stored), "date", value) == ("eq" in expected.split())


@pytest.mark.parametrize(
    ("period", "value", "expected"),
    [
        ({"start": "2024-01-01", "end": "2024-01-31"}, "2024-01", "eq ge le ap"),
        ({"start": "2024-01-01", "end": "2024-02-01"}, "2024-01", "ne gt ge ap"),
        ({"start": "2023-12-31", "end": "2024-01-31"}, "2024-01", "ne lt le ap"),
        ({"start": "2023", "end": "2025"}, "2024", "ne gt lt ge le ap"),
        ({"start": "2024-01-05"}, "2024-01", "ne gt ge ap"),
        ({"start": "2024-01-05"}, "2023", "ne gt ge sa"),
        ({"end": "2024-01-05"}, "2024-01", "ne lt le ap"),
        ({"end": "2024-01-05"}, "2025", "ne lt le eb"),
        ({"start": "2024-01-05"}, "2030", "ne gt lt ge le ap"),
        ({}, "2024", ""),
    ],
)
def test_a_period_is_open_where_it_has_no_bound(finds, period, value, expected):
    encounter = {"resourceType": "Encounter", "period": period}
    assert found_by(finds, encounter, "date", value) == expected


@pytest.mark.parametrize(
    ("timing", "low", "high"),
    [
        ({"event": ["2024-01-05", "2024-01-02"]}, "2024-01-02", "2024-01-05T23:59:59.999Z"),
        (
            {"repeat": {"boundsPeriod": {"start": "2024-01", "end": "2024-02"}, "frequency": 2}},
            "2024-01-01",
            "2024-02-29T23:59:59.999Z",
        ),
        (
            {"event": ["2023"], "repeat": {"boundsPeriod": {"start": "2024", "end": "2024"}}},
            "2023-01-01",
            "2024-12-31T23:59:59.999Z",
        ),
    ],
)
def test_a_timing_counts_by_its_outer_bounds(document, timing, low, high):
    (found,) = document({"resourceType": "Observation", "effectiveTiming": timing})["date"]
    assert (found["lo"], found["hi"]) == (utc(low), utc(high))


def utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Immunization", "occurrenceString": "last winter"},
        {"resourceType": "Procedure", "performedAge": {"value": 40, "unit": "a"}},
        {"resourceType": "Observation", "effectiveTiming": {"repeat": {"frequency": 1}}},
        {"resourceType": "Observation", "effectiveDateTime": "not a date"},
    ],
)
def test_what_is_no_point_in_time_is_there_without_a_date(document, resource):
    assert all(each.keys() == {"p"} for each in document(resource)["date"])


def test_several_dates_are_alternatives(finds):
    assert finds(observation("2024-03-10"), "date", "2023,2024-03")
    assert not finds(observation("2024-03-10"), "date", "2023,2025")


def test_a_repeated_date_gives_a_range(parse, document, matcher):
    criteria = parse("Observation", ("date", "ge2024-03-10"), ("date", "lt2024-03-12"))
    days = [f"2024-03-{day:02d}" for day in range(8, 15)]
    found = [day for day in days if matcher(criteria.filter, document(observation(day)))]
    assert found == ["2024-03-10", "2024-03-11"]


@pytest.mark.parametrize(
    ("value", "prefixes"),
    [
        ("2024-03-10", "eq ge le ap"),
        ("2024-03-09", "ne gt ge sa"),
        ("2024-03-11", "ne lt le eb"),
        ("2024-03-10T12:00:00.500Z", "eq ge le ap"),
        ("2024-03-10T12:00:00Z", "eq ge le ap"),
        ("2024-03-10T12:00:00.499Z", "ne gt ge sa"),
        ("2024-03-10T12:00:00.501Z", "ne lt le eb"),
        ("2024-03-10T14:00:00.500+02:00", "eq ge le ap"),
    ],
)
def test_last_updated_is_a_moment(parse, matcher, value, prefixes):
    stored = {"type": "Patient", "updated": datetime(2024, 3, 10, 12, 0, 0, 500_000, tzinfo=UTC)}
    found = [
        each
        for each in PREFIXES
        if matcher(
            parse("Patient", ("_lastUpdated", f"{each}{value}"), clock=at(value)).filter, stored
        )
    ]
    assert " ".join(found) == prefixes


@pytest.mark.parametrize("value", ["yesterday", "xx2024", "ge", "2024-02-30", "2024,", "ge 2024"])
def test_what_is_no_date_is_refused(parse, value):
    with pytest.raises(InvalidRequest):
        parse("Observation", ("date", value))


def test_a_plus_that_became_a_space_is_explained(parse):
    with pytest.raises(InvalidRequest) as failure:
        parse("Observation", ("date", "2024-01-01T10:00:00 02:00"))
    assert "%2B" in failure.value.issues[0].diagnostics


MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy adds the time zone
    max_value=datetime(2020, 1, 5),  # noqa: DTZ001 - the strategy adds the time zone
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 250_000 * 250_000))
DATES = st.tuples(MOMENTS, st.sampled_from([4, 7, 10, 16, 19, 23])).map(lambda made: written(*made))


def written(moment: datetime, length: int) -> str:
    text = moment.isoformat(timespec="milliseconds")[:length]
    return f"{text}Z" if length > 10 else text


def span(text: str) -> tuple[datetime, datetime]:
    """Return the interval of a date by another way than the server's: first and next moment."""
    start = utc(text.removesuffix("Z") + "-01-01"[: 10 - len(text)] if len(text) < 10 else text)
    if len(text) == 4:
        return start, start.replace(year=start.year + 1)
    if len(text) == 7:
        return start, (start + timedelta(days=31)).replace(day=1)
    lengths = {10: timedelta(days=1), 17: timedelta(minutes=1), 20: timedelta(seconds=1)}
    return start, start + lengths.get(len(text), timedelta(milliseconds=1))


RULES = {
    "eq": lambda a, b, c, d: c <= a and b <= d,
    "ne": lambda a, b, c, d: not (c <= a and b <= d),
    "gt": lambda a, b, c, d: b > d,
    "lt": lambda a, b, c, d: a < c,
    "ge": lambda a, b, c, d: b > d or (c <= a and b <= d),
    "le": lambda a, b, c, d: a < c or (c <= a and b <= d),
    "sa": lambda a, b, c, d: a >= d,
    "eb": lambda a, b, c, d: b <= c,
    "ap": lambda a, b, c, d: a < d and c < b,
}
"""The table of the specification for a stored [a, b) and a criterion [c, d)."""


@settings(deadline=None)
@given(stored=DATES, value=DATES, prefix=st.sampled_from(PREFIXES))
def test_filters_agree_with_the_table_of_prefixes(finds, stored, value, prefix):
    expected = RULES[prefix](*span(stored), *span(value))
    assert finds(observation(stored), "date", f"{prefix}{value}", clock=at(value)) is expected


@pytest.mark.parametrize(
    ("now", "value", "stored", "expected"),
    [
        pytest.param("2024-01-11", "2024-01-01", "2023-12-31T03:00:00Z", True, id="a tenth before"),
        pytest.param(
            "2024-01-11", "2024-01-01", "2023-12-31T02:00:00Z", False, id="just too early"
        ),
        pytest.param("2024-01-11", "2024-01-01", "2024-01-02T21:00:00Z", True, id="a tenth after"),
        pytest.param("2024-01-11", "2024-01-01", "2024-01-02T22:00:00Z", False, id="just too late"),
        pytest.param("2024-01-11", "2024-01-21", "2024-01-20T01:00:00Z", True, id="in the future"),
        pytest.param("2034-01-01", "2024-01-01", "2023-01-02", True, id="years ago, a year"),
        pytest.param("2024-01-01", "2024-01-01", "2024-01-02", False, id="today is no other day"),
    ],
)
def test_approximately_is_a_tenth_of_the_time_to_now(finds, now, value, stored, expected):
    assert finds(observation(stored), "date", f"ap{value}", clock=lambda: utc(now)) is expected


@pytest.mark.parametrize("value", ["ap0001-01-01", "ap9999-12-31"])
def test_approximately_does_not_leave_the_calendar(finds, value):
    assert finds(observation(value[2:]), "date", value)
