"""https://hl7.org/fhir/R4/search.html#sort"""

from typing import Any

import pytest
from tests.builders import adverse_event, identifier, patient
from tests.http.conftest import assert_refused

PEOPLE: dict[str, Any] = {
    "a": {"name": [{"family": "Bell"}], "birthDate": "1980-02-29", "gender": "female"},
    "b": {"name": [{"family": "adams"}, {"family": "Young"}], "birthDate": "1990"},
    "c": {"name": [{"family": "Ámber"}], "gender": "male"},
    "d": {"name": [{"family": "Bell"}], "birthDate": "1970-01-01", "gender": "male"},
    "e": {"birthDate": "1985-05"},
}


@pytest.fixture(scope="module")
def people(actors):
    hospital = actors["hospital-a"]
    for letter, content in PEOPLE.items():
        hospital.put(f"/Patient/{letter}", patient(id=letter, **content))
    return hospital


def order(answer):
    assert answer.status_code == 200, answer.text
    return "".join(each["resource"]["id"] for each in answer.get_json()["entry"])


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        pytest.param("family,_id", "bcade", id="ascending, the first of several values decides"),
        pytest.param("-family,_id", "badce", id="descending, the last of several values decides"),
        pytest.param("birthdate", "daebc", id="dates, and what has none comes last"),
        pytest.param("-birthdate", "beadc", id="dates descending, and what has none comes last"),
        pytest.param("gender,-family,birthdate", "adcbe", id="three parameters"),
        pytest.param("_id", "abcde", id="logical ids"),
        pytest.param("-_id", "edcba", id="logical ids descending"),
        pytest.param("_lastUpdated", "abcde", id="the oldest first"),
        pytest.param("-_lastUpdated", "edcba", id="the newest first"),
    ],
)
@pytest.mark.parametrize("count", [2, 10])
def test_results_come_in_the_order_that_is_asked_for(people, sort, expected, count):
    found, path = "", f"/Patient?_sort={sort}&_count={count}"
    while path:
        answer = people.get(path)
        found += order(answer)
        links = {each["relation"]: each["url"] for each in answer.get_json()["link"]}
        path = links.get("next", "").partition("/fhir")[2]
    if sort == "-birthdate":
        # The order of equal ones, here of those without a date, is the server's.
        found = found[:4] + "c"
    assert found == expected


@pytest.mark.parametrize(
    "sort", ["unheard", "-unheard", "family,unheard", "_score", "_text", "", "a.b"]
)
def test_a_sort_by_what_is_no_parameter_is_refused(people, sort):
    answer = people.get(f"/Patient?_sort={sort}")
    assert answer.status_code == 400, answer.text


def test_lenient_handling_passes_over_a_sort_and_says_so(people):
    answer = people.get("/Patient?_sort=unheard", Prefer="handling=lenient")
    bundle = answer.get_json()
    assert "_sort" not in bundle["link"][0]["url"]
    assert bundle["entry"][-1]["search"]["mode"] == "outcome"
    assert "_sort" in bundle["entry"][-1]["resource"]["issue"][0]["diagnostics"]


def test_the_self_link_repeats_the_sort(people):
    [self_link] = people.get("/Patient?_sort=-family,_id").get_json()["link"]
    assert self_link["url"].endswith("/Patient?_sort=-family%2C_id&_count=20")


def test_a_date_range_in_its_order_finds_days_months_and_periods(hospital):
    for number, day in enumerate(
        ["2023-02-28", "2023-03-01", "2023-03", "2023", "2023-03-31T23:59:59Z", "2023-04-01"]
    ):
        hospital.create(adverse_event(identifier=identifier(str(number), "urn:range"), date=day))
    path = "/AdverseEvent?date=ge2023-03-01&date=lt2023-04-01"
    numbers = [
        "".join(
            each["resource"]["identifier"]["value"]
            for each in hospital.get(f"{path}&_sort={sort}").get_json()["entry"]
        )
        for sort in ("date", "-date")
    ]
    assert sorted(numbers[0]) == ["1", "2", "3", "4"]
    assert numbers[0] in ("3124", "3214")
    assert numbers[1] in ("4123", "4213")


@pytest.mark.parametrize("sort", ["", "&_sort=date", "&_sort=-date", "&_sort=-_lastUpdated"])
def test_pages_of_a_date_range_hold_days_and_periods_once(hospital, sort):
    observed = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    for number in range(1, 6):
        hospital.create(observed | {"effectiveDateTime": f"2021-03-0{number}"})
        hospital.create(observed | {"effectivePeriod": {"start": f"2020-0{number}"}})
    path = f"/Observation?date=ge2021-03-01&date=lt2021-04-01{sort}"
    everything = hospital.get(f"{path}&_count=100").get_json()["entry"]
    whole = [each["fullUrl"] for each in everything]
    seen, path = [], f"{path}&_count=3"
    while path:
        bundle = hospital.get(path).get_json()
        assert bundle["total"] == len(whole) >= 10
        seen += [each["fullUrl"] for each in bundle["entry"]]
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        path = links.get("next", "").partition("/fhir")[2]
    assert seen == whole
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
@pytest.mark.parametrize("sort", ["date", "-date", "identifier", "_lastUpdated"])
def test_a_sort_shows_nobody_else_anything(actors, hospital, actor, sort):
    hospital.create(adverse_event(identifier=identifier("hidden"), date="2024-01-01"))
    bundle = actors[actor].get(f"/AdverseEvent?_sort={sort}").get_json()
    assert bundle["total"] == 0
    assert "entry" not in bundle


def test_a_sort_in_a_bundle_is_the_same(people):
    entry = {"request": {"method": "GET", "url": "Patient?_sort=-_id"}}
    answer = people.post("", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    found = answer.get_json()["entry"][0]["resource"]["entry"]
    assert "".join(each["resource"]["id"] for each in found) == "edcba"


def test_too_many_sort_keys_are_refused(people):
    assert_refused(people.get(f"/Patient?_sort={','.join(['family'] * 9)}"), 400, "invalid")
