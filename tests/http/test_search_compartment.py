"""https://hl7.org/fhir/R4/http.html#search, in compartments and over several types."""

import pytest
from tests.builders import adverse_event, identifier, patient
from tests.http.conftest import assert_refused

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def made(actors):
    hospital = actors["hospital-a"]
    created = {}

    def create(name, resource):
        answer = hospital.create(resource | {"meta": {"tag": [{"system": "urn:t", "code": "c"}]}})
        created[name] = f"{answer['resourceType']}/{answer['id']}"
        return {"reference": created[name]}

    ann, bob = create("ann", patient()), create("bob", patient())
    for name, subject in (("ann", ann), ("bob", bob)):
        create(f"{name}-event", adverse_event(subject=subject, identifier=identifier(name)))
        observed = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
        create(f"{name}-pulse", observed | {"subject": subject})
    create("ann-linked", patient(link=[{"other": ann, "type": "seealso"}]))
    return created


def found(answer):
    assert answer.status_code == 200, answer.text
    return sorted(
        "{resourceType}/{id}".format(**each["resource"])
        for each in answer.get_json().get("entry", [])
        if each["search"]["mode"] == "match"
    )


CASES = [
    pytest.param("/{ann}/AdverseEvent", ["ann-event"], id="one type"),
    pytest.param("/{ann}/AdverseEvent?identifier=ann", ["ann-event"], id="with criteria"),
    pytest.param("/{ann}/AdverseEvent?identifier=bob", [], id="with other criteria"),
    pytest.param("/{ann}/Patient", ["ann", "ann-linked"], id="the owner's own type"),
    pytest.param("/{ann}/*", ["ann", "ann-event", "ann-pulse", "ann-linked"], id="any type"),
    pytest.param(
        "/{ann}/*?_type=Observation,AdverseEvent", ["ann-event", "ann-pulse"], id="two types"
    ),
    pytest.param("/{ann}/*?_lastUpdated=lt2000", [], id="any type with criteria"),
    pytest.param("?_type=AdverseEvent,Observation&_tag=urn:t|c", "events and pulses", id="system"),
    pytest.param("?_tag=urn:t|c", "all", id="the whole system"),
    pytest.param("?_type=Patient&_tag=c&_id=nobody", [], id="system with criteria"),
]


def expected(made, names):
    if names == "all":
        return sorted(made.values())
    if isinstance(names, str):
        return sorted(each for each in made.values() if not each.startswith("Patient"))
    return sorted(made[each] for each in names)


@pytest.mark.parametrize(("path", "names"), CASES)
def test_a_search_over_several_types_finds(hospital, made, path, names):
    assert found(hospital.get(path.format(**made))) == expected(made, names)


@pytest.mark.parametrize(("path", "names"), CASES)
def test_a_search_by_post_finds_the_same(hospital, made, path, names):
    url, _, query = path.format(**made).partition("?")
    answer = hospital.send("POST", f"{url}/_search", query.encode(), Content_Type=FORM)
    assert found(answer) == expected(made, names)


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
@pytest.mark.parametrize(("path", "names"), CASES)
def test_nobody_else_finds_anything(actors, made, actor, path, names):
    bundle = actors[actor].get(path.format(**made)).get_json()
    assert bundle["total"] == 0
    assert "entry" not in bundle


@pytest.mark.parametrize("path", ["/{ann}/*", "?_type=AdverseEvent,Patient&_tag=c"])
def test_work_product_is_not_found_without_clearance(portal, made, path):
    answer = portal().get(path.format(**made))
    assert "AdverseEvent" not in str(found(answer))
    assert answer.get_json()["total"] == len(found(answer)) > 0


@pytest.mark.parametrize(
    "path", ["?_tag=c&_count=3", "/{ann}/*?_count=3", "?_type=Patient&_count=2"]
)
@pytest.mark.parametrize("sort", ["", "&_sort=_lastUpdated"])
def test_pages_over_several_types_hold_everything_once(hospital, made, path, sort):
    whole = found(hospital.get(path.format(**made).partition("_count")[0] + "_count=100" + sort))
    seen, target = [], path.format(**made) + sort
    while target:
        answer = hospital.get(target)
        seen += found(answer)
        links = {each["relation"]: each["url"] for each in answer.get_json()["link"]}
        target = links.get("next", "").partition("/fhir")[2]
    assert sorted(seen) == whole
    assert len(seen) > 2


def test_the_self_link_names_the_types(hospital, made):
    [link] = hospital.get("?_type=Patient,Observation&_id=x").get_json()["link"]
    assert link["url"].endswith("/fhir?_type=Observation%2CPatient&_id=x&_count=20")


def test_an_owner_that_is_unknown_or_hidden_has_an_empty_compartment(hospital, rival, made):
    assert hospital.get("/Patient/nobody/Observation").get_json()["total"] == 0
    assert rival.get("/{ann}/Observation".format(**made)).get_json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/Organization/1/Patient", 404, "not-found", id="no such compartment"),
        pytest.param("/Patient/1/Organization", 404, "not-found", id="a type outside of it"),
        pytest.param("/Patient/1/Nothing", 404, "not-supported", id="a type that is none"),
        pytest.param("?_type=Nothing", 400, "invalid", id="a value that is no type"),
        pytest.param("/Patient/1/*?_type=Nothing", 400, "invalid", id="a value that is none"),
        pytest.param("/Nothing/1/Patient", 404, "not-supported", id="an owner that is none"),
        pytest.param("?name=x", 400, "not-supported", id="a parameter of one type"),
        pytest.param("?_type=Patient,Observation&name=x", 400, "not-supported", id="of the first"),
        pytest.param("/Patient/1/*?code=x", 400, "not-supported", id="in a compartment"),
    ],
)
def test_a_search_that_cannot_be_is_refused(hospital, path, status, code):
    assert_refused(hospital.get(path), status, code)


def test_only_types_that_the_scopes_cover_are_searched(portal, made):
    narrow = portal("system/Observation.rs")
    assert {each.partition("/")[0] for each in found(narrow.get("?_tag=c"))} == {"Observation"}
    assert_refused(narrow.get("?_type=Patient"), 403, "forbidden")
    assert_refused(narrow.get("/{ann}/Patient".format(**made)), 403, "forbidden")
    assert found(narrow.get("/{ann}/*".format(**made))) == [made["ann-pulse"]]


def test_a_compartment_can_be_searched_in_a_bundle(hospital, made):
    entry = {"request": {"method": "GET", "url": "{ann}/AdverseEvent".format(**made)}}
    answer = hospital.post("", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    [one] = answer.get_json()["entry"][0]["resource"]["entry"]
    assert one["fullUrl"].endswith(made["ann-event"])


def test_definitions_for_everyone_are_found_by_their_type_alone(hospital):
    assert hospital.get("?_lastUpdated=ge2000&_summary=count").get_json()["total"] < 100
