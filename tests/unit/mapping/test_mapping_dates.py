"""Dates and times of day, as reports write them."""

from zoneinfo import ZoneInfo

import pytest
from tests.unit.mapping.reports import event_of, extract, incident, item, kept_reason, said

from psolink.mapping import Mapper
from psolink.mapping.dates import read_date, read_time

ZONE = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-02-11", "2026-02-11"),
        (" 2026-02-11 ", "2026-02-11"),
        ("20260211", "2026-02-11"),
        ("2026-02", "2026-02"),
        ("2026", "2026"),
        ("2026-02-11T08:40:00-06:00", "2026-02-11T08:40:00-06:00"),
        ("2026-02-11T08:40:00.250Z", "2026-02-11T08:40:00.250Z"),
        ("2026-02-11T08:40:00", "2026-02-11"),
        ("2026-02-30", None),
        ("2026-02-30T08:40:00", None),
        ("2026-02-11T25:00:00Z", None),
        ("2026-02-11T08:40:00+15:00", None),
        ("0000-01-01", None),
        ("02/11/2026", None),
        ("2026-2-11", None),
        ("٢٠٢٦", None),
        ("٢٠٢٦٠٢١١", None),
        ("UNK", None),
        ("", None),
    ],
)
def test_a_date_is_read_as(text: str, found: str | None):
    assert read_date(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("21:15:00", "21:15:00"),
        ("21:15", "21:15:00"),
        ("2115", "21:15:00"),
        ("24:00", None),
        ("9:15", None),
        ("21:15 pm", None),
    ],
)
def test_a_time_is_read_as(text: str, found: str | None):
    assert read_time(text) == found


def test_date_and_time_are_one_moment_where_the_zone_is_known(mapper: Mapper):
    response = incident(item("DE9", said("2026-07-10")), item("DE58", said("2115")))
    event = event_of(mapper, response, time_zone=ZONE)
    assert event["detected"] == "2026-07-10T21:15:00-05:00"


@pytest.mark.parametrize(
    ("day", "zone"),
    [
        pytest.param("2026-07-10", None, id="without a zone"),
        pytest.param("2026-07", ZONE, id="with a month alone"),
        pytest.param("2026-07-10T21:15:00Z", ZONE, id="with a moment already"),
    ],
)
def test_a_time_of_day_is_kept(day: str, zone: ZoneInfo | None, mapper: Mapper):
    response = incident(item("DE9", said(day)), item("DE58", said("21:15")))
    extraction = extract(mapper, response, time_zone=zone)
    assert extraction.resources[0][1]["detected"] == day
    assert "time of day" in kept_reason(extraction, "DE58")


@pytest.mark.parametrize("text", ["03/04/2026", "UNK"])
def test_a_date_that_cannot_be_read_is_kept(text: str, mapper: Mapper):
    extraction = extract(mapper, incident(item("DE30", said(text))))
    assert "recordedDate" not in extraction.resources[0][1]
    assert "YYYY-MM-DD" in kept_reason(extraction, "DE30")
