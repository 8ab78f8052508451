"""https://hl7.org/fhir/R4/http.html#paging"""

from uuid import uuid4

import pytest
from tests.builders import identifier, patient
from tests.http.conftest import assert_refused

PATH = "/Patient?identifier=urn:pages%7C"


@pytest.fixture(scope="module")
def created(actors):
    hospital = actors["hospital-a"]
    return [
        hospital.create(
            patient(identifier=[identifier(f"secret{n}", "urn:pages")], birthDate=f"200{n}-01-01")
        )["id"]
        for n in range(7)
    ]


def links(answer):
    assert answer.status_code == 200, answer.text
    return {each["relation"]: each["url"] for each in answer.get_json()["link"]}


def path_of(link):
    return link.partition("/fhir")[2]


def ids(answer):
    return [each["resource"]["id"] for each in answer.get_json().get("entry", [])]


def walk(actor, path, between=lambda: None):
    """Return the ids of all pages; `between` happens after each."""
    found = []
    while path:
        answer = actor.get(path)
        found += ids(answer)
        path = path_of(links(answer).get("next", ""))
        between()
    return found


def test_a_link_to_a_page_says_nothing_of_what_was_searched_for(hospital, created):
    found = links(hospital.get(f"{PATH}&_count=3"))
    for relation in ("first", "next"):
        assert "pages" not in found[relation]
        assert "_cursor=" in found[relation]


def test_the_self_link_of_a_further_page_says_what_was_understood(hospital, created):
    answer = hospital.get(path_of(links(hospital.get(f"{PATH}&_sort=birthdate&_count=3"))["next"]))
    self_link = links(answer)["self"]
    assert "identifier=urn%3Apages%7C&_sort=birthdate&_count=3&_cursor=" in self_link
    assert ids(hospital.get(path_of(self_link))) == ids(answer)


def test_the_first_link_leads_back(hospital, created):
    first = hospital.get(f"{PATH}&_count=3")
    second = hospital.get(path_of(links(first)["next"]))
    assert ids(hospital.get(path_of(links(second)["first"]))) == ids(first)


def test_a_single_page_has_no_further_links(hospital, created):
    assert links(hospital.get(PATH)).keys() == {"self"}


def test_every_page_tells_the_total_of_the_first(hospital, created):
    answer = hospital.get(f"{PATH}&_count=3")
    while "next" in links(answer):
        assert answer.get_json()["total"] == 7
        answer = hospital.get(path_of(links(answer)["next"]))
    assert answer.get_json()["total"] == 7


def test_the_page_may_be_of_another_size(hospital, created):
    link = path_of(links(hospital.get(f"{PATH}&_count=3"))["next"])
    assert len(ids(hospital.get(f"{link}&_count=1"))) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda link: link[:-4] + "AAAA", id="a damaged one"),
        pytest.param(lambda link: link + "&gender=male", id="one with other criteria"),
        pytest.param(lambda link: link + "&_sort=birthdate", id="one with another order"),
        pytest.param(lambda link: link.replace("/Patient", "/Group"), id="one for another type"),
        pytest.param(lambda link: f"{link}&{link.partition('?')[2]}", id="two at once"),
    ],
)
def test_a_link_that_was_changed_is_refused(hospital, created, change):
    link = path_of(links(hospital.get(f"{PATH}&_count=3"))["next"])
    assert_refused(hospital.get(change(link)), 400, "invalid", "_cursor")


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
def test_a_link_is_of_no_use_to_another_organization(actors, hospital, created, actor):
    link = path_of(links(hospital.get(f"{PATH}&_count=3"))["next"])
    assert_refused(actors[actor].get(link), 400, "invalid", "_cursor")


@pytest.mark.parametrize("sort", ["", "&_sort=birthdate", "&_sort=-birthdate", "&_sort=_id"])
def test_writes_between_pages_neither_repeat_nor_lose_what_stays(hospital, created, sort):
    extra = []

    def write():
        made = patient(identifier=[identifier("later", "urn:pages")], birthDate="2003-06-01")
        extra.append(hospital.create(made)["id"])
        if len(extra) > 1:
            hospital.delete(f"/Patient/{extra[-2]}")

    found = walk(hospital, f"{PATH}&_count=2{sort}", write)
    assert sorted(each for each in found if each not in extra) == sorted(created)
    assert len(found) == len(set(found))
    hospital.delete(f"/Patient/{extra[-1]}")


def test_updates_between_pages_neither_repeat_nor_lose_anything(hospital, created):
    def touch():
        for each in created:
            current = hospital.get(f"/Patient/{each}").get_json()
            hospital.put(f"/Patient/{each}", current | {"active": not current.get("active")})

    assert walk(hospital, f"{PATH}&_count=2", touch) == created[::-1]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", 7),
        ("&_total=estimate", 7),
        ("&_total=accurate", 7),
        ("&_total=none", None),
        ("&_total=none&_summary=count", 7),
        ("&_count=0", 7),
    ],
)
@pytest.mark.parametrize("count", ["", "&_count=2"])
def test_the_total_is_given_as_asked(hospital, created, asked, expected, count):
    count = "" if "_count" in asked else count
    assert hospital.get(f"{PATH}{asked}{count}").get_json().get("total") == expected


@pytest.mark.parametrize(
    "asked",
    ["_total=exact", "_total=", "_summary=some", "_count=1.5", "_contained=maybe", "_elements="],
)
def test_a_form_that_does_not_exist_is_refused(hospital, asked):
    assert_refused(hospital.get(f"/Patient?{asked}"), 400, "invalid")


def test_more_than_the_server_gives_at_once_is_cut(hospital, created):
    answer = hospital.get(f"{PATH}&_count=999999")
    assert "_count=1000" in links(answer)["self"]


def test_criteria_that_no_link_can_hold_are_refused_where_a_link_is_needed(hospital, created):
    values = ",".join(f"urn:pages|{uuid4()}{uuid4()}" for _ in range(190))
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    few, all_of_them = (f"identifier:not={values}&_count={each}".encode() for each in (2, 1000))
    assert_refused(hospital.post("/Patient/_search", few, **form), 400, "invalid")
    whole = hospital.post("/Patient/_search", all_of_them, **form)
    assert set(created) <= set(ids(whole))
