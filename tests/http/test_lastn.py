"""Observation/$lastn. https://hl7.org/fhir/R4/observation-operation-lastn.html."""

from typing import Any

import pytest
from tests.builders import patient
from tests.http.conftest import Actor, assert_refused

LOINC = "http://loinc.org"
OTHER = "https://hospital-a.example/codes"


def coded(*codes: str, text: str | None = None) -> dict[str, Any]:
    codings = [dict(zip(("system", "code"), each.split("|"), strict=True)) for each in codes]
    return ({"coding": codings} if codings else {}) | ({"text": text} if text else {})


@pytest.fixture
def somebody(hospital: Actor) -> str:
    return f"Patient/{hospital.create(patient())['id']}"


@pytest.fixture
def observe(hospital: Actor, somebody: str):
    def observe(code: dict[str, Any], day: str, **content: Any) -> str:
        observation = {
            "resourceType": "Observation",
            "status": "final",
            "code": code,
            "subject": {"reference": somebody},
            "effectiveDateTime": day,
        }
        return str(hospital.create(observation | content)["id"])

    return observe


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    bundle = answer.get_json()
    found = [each["resource"]["id"] for each in bundle.get("entry", [])]
    assert bundle["total"] == len(found)
    return found


def last(hospital: Actor, somebody: str, query: str = "") -> list[str]:
    return ids(hospital.get(f"/Observation/$lastn?patient={somebody}&{query}".rstrip("&")))


PULSE, WEIGHT = coded(f"{LOINC}|8867-4"), coded(f"{LOINC}|29463-7")


def test_one_of_each_code_is_the_default_and_the_latest_comes_first(
    hospital: Actor, somebody, observe
):
    observe(PULSE, "2020-01-01")
    observe(WEIGHT, "2020-01-02")
    weight = observe(WEIGHT, "2020-01-03")
    pulse = observe(PULSE, "2020-02-01")
    assert last(hospital, somebody) == [pulse, weight]


def test_max_is_how_many_of_each_code(hospital: Actor, somebody, observe):
    days = ("2020-01-01", "2020-01-05", "2020-01-03")
    first, latest, middle = (observe(PULSE, day) for day in days)
    weight = observe(WEIGHT, "2019-01-01")
    assert last(hospital, somebody, "max=2") == [latest, middle, weight]
    assert last(hospital, somebody, "max=9") == [latest, middle, first, weight]


def test_the_time_counts_and_not_when_it_was_stored(hospital: Actor, somebody, observe):
    latest = observe(PULSE, "2020-01-01T12:00:00Z")
    observe(PULSE, "2020-01-01T13:30:00+02:00")
    assert last(hospital, somebody) == [latest]


def test_codings_join_what_shares_one(hospital: Actor, somebody, observe):
    observe(PULSE, "2020-01-01")
    observe(coded(f"{LOINC}|8867-4", f"{OTHER}|pulse"), "2020-01-02")
    latest = observe(coded(f"{OTHER}|pulse"), "2020-01-03")
    assert last(hospital, somebody) == [latest]


def test_the_same_code_of_another_system_is_another_group(hospital: Actor, somebody, observe):
    both = [observe(coded(f"{LOINC}|1"), "2020-01-02"), observe(coded(f"{OTHER}|1"), "2020-01-01")]
    assert last(hospital, somebody) == both


def test_texts_without_codes_are_groups_of_their_own(hospital: Actor, somebody, observe):
    observe(coded(text="pulse"), "2020-01-01")
    second = observe(coded(text="pulse"), "2020-01-02")
    other = observe(coded(text="heart rate"), "2020-01-01")
    with_code = observe(coded(f"{OTHER}|p", text="pulse"), "2019-01-01")
    assert last(hospital, somebody) == [second, other, with_code]


def test_criteria_narrow_what_is_looked_through(hospital: Actor, somebody, observe):
    vital = [{"coding": [{"system": OTHER, "code": "vital-signs"}]}]
    early = observe(PULSE, "2020-01-01", category=vital)
    observe(PULSE, "2020-01-03")
    weight = observe(WEIGHT, "2020-01-02", category=vital)
    assert last(hospital, somebody, "category=vital-signs") == [weight, early]
    assert last(hospital, somebody, f"code={LOINC}|29463-7") == [weight]
    assert last(hospital, somebody, "date=lt2020-01-02") == [early]


def test_parameters_are_taken_in_a_body(hospital: Actor, somebody, observe):
    observe(PULSE, "2020-01-01")
    latest = [observe(PULSE, "2020-01-03"), observe(PULSE, "2020-01-02")]
    sent = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "max", "valuePositiveInt": 2},
            {"name": "subject", "valueString": somebody},
        ],
    }
    assert ids(hospital.post("/Observation/$lastn", sent)) == latest


def test_observations_of_others_are_not_among_them(
    hospital: Actor, rival: Actor, somebody, observe
):
    observe(PULSE, "2020-01-01")
    assert last(rival, somebody) == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=1",
        "patient=Patient/1&max=0",
        "patient=Patient/1&max=many",
        "patient=Patient/1&max=1&max=2",
        "patient=Patient/1&unheard=1",
        "patient=Patient/1&date=yesterday",
    ],
)
def test_what_is_asked_wrongly_is_refused(hospital: Actor, query):
    assert_refused_with_400(hospital.get(f"/Observation/$lastn?{query}"))


def assert_refused_with_400(answer) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["issue"][0]["diagnostics"]


def test_the_last_ones_of_nobody_are_refused_by_name(hospital: Actor):
    issue = assert_refused(hospital.get("/Observation/$lastn?code=1"), 400, "invalid")
    assert "patient or subject" in issue["diagnostics"]
