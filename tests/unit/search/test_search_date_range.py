from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.search.conftest import matches

from psolink.search.date_range import bounded_searches

FIRST = datetime(2023, 2, 27, tzinfo=UTC)
DATES = st.one_of(
    st.dates(date(2022, 12, 1), date(2023, 5, 1)).map(str),
    st.sampled_from(["2022", "2023", "2023-02", "2023-03", "2023-04", "2024"]),
    st.integers(0, 34 * 24).map(
        lambda hours: f"{FIRST + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
    ),
)
PERIODS = st.fixed_dictionaries({}, optional={"start": DATES, "end": DATES})
PREFIXES = st.sampled_from(["", "ge", "gt", "sa", "le", "lt", "eb", "eq"])


def observation(value):
    name = "effectiveDateTime" if isinstance(value, str) else "effectivePeriod"
    return {"resourceType": "Observation", name: value}


@given(
    value=st.one_of(DATES, PERIODS),
    criteria=st.lists(st.tuples(PREFIXES, DATES).map("".join), min_size=1, max_size=3),
    descending=st.booleans(),
)
def test_each_match_of_a_search_is_a_match_of_one_of_its_parts(
    parse, document, value, criteria, descending
):
    asked = parse("Observation", *(("date", each) for each in criteria))
    held = document(observation(value))
    held |= {
        f"sort.date.{name}": each for name, each in held.get("sort", {}).get("date", {}).items()
    }
    parts = bounded_searches(asked.filter, asked.used, descending=descending)
    found = [matches(each, held) for each in parts]
    assert sum(found) == matches(asked.filter, held)


def test_a_range_is_bounded_on_both_sides(parse):
    used = parse("AdverseEvent", ("date", "ge2023-03-01"), ("date", "lt2023-04-01")).used
    near, _ = bounded_searches({}, used)
    [bounds] = [each["sort.date.d"] for each in near["$and"] if "sort.date.d" in each]
    low, high = (
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=bounds[name])
        for name in ("$gte", "$lte")
    )
    assert (low.isoformat()[:10], high.isoformat()[:10]) == ("2023-02-28", "2023-04-01")


@pytest.mark.parametrize(
    "used",
    [
        pytest.param([], id="no date"),
        pytest.param([("date", "ge2023")], id="no end"),
        pytest.param([("date", "lt2023")], id="no beginning"),
        pytest.param([("date", "ge2023,ge2024"), ("date", "lt2025")], id="alternatives"),
        pytest.param([("date", "ne2023")], id="everything else"),
        pytest.param([("date:missing", "true")], id="a modifier"),
        pytest.param([("birthdate", "2023")], id="another parameter"),
    ],
)
def test_what_is_no_range_stays_one_search(used):
    assert bounded_searches({"type": "Observation"}, used) == ({"type": "Observation"},)
