"""https://hl7.org/fhir/R4/search.html"""

import pytest
from tests.builders import adverse_event, identifier, patient
from tests.http.conftest import assert_refused


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [each["resource"]["id"] for each in answer.get_json().get("entry", [])]


@pytest.fixture(scope="module")
def ann(actors):
    return actors["hospital-a"].create(
        patient(
            identifier=[identifier("ann")],
            name=[{"family": "Álvarez", "given": ["Ann"]}],
            gender="female",
            birthDate="1980-02-29",
            active=True,
        )
    )


@pytest.mark.parametrize(
    "criteria",
    [
        "identifier=ann",
        "identifier=https://hospital-a.example/patients|ann",
        "identifier=other,ann",
        "gender=female",
        "gender=http://hl7.org/fhir/administrative-gender|female",
        "name=alvarez",
        "family=Álv",
        "given=ann",
        "birthdate=1980-02-29",
        "birthdate=ge1980&birthdate=lt1981",
        "active=true&gender=female",
        "_lastUpdated=ge2020",
    ],
)
def test_a_patient_is_found_by(hospital, ann, criteria):
    assert ids(hospital.get(f"/Patient?{criteria}")) == [ann["id"]]


@pytest.mark.parametrize(
    "criteria",
    [
        "identifier=https://other.example|ann",
        "identifier=an",
        "gender=male",
        "name=lvarez",
        "birthdate=1980-02-28",
        "birthdate=lt1980",
        "active=true&gender=male",
        "_id=nobody",
        "_lastUpdated=lt2020",
    ],
)
def test_a_patient_is_not_found_by(hospital, ann, criteria):
    bundle = hospital.get(f"/Patient?{criteria}").get_json()
    assert bundle["total"] == 0
    assert "entry" not in bundle


def test_an_event_is_found_by_its_subject_and_identifier(hospital):
    created = hospital.create(
        adverse_event(identifier=identifier("event-1"), subject={"reference": "Patient/77"})
    )
    for criteria in ("subject=Patient/77", "subject=77", "identifier=event-1"):
        assert ids(hospital.get(f"/AdverseEvent?{criteria}")) == [created["id"]]


def test_a_search_by_post_is_the_same(hospital, ann):
    headers = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = hospital.send("POST", "/Patient/_search", b"identifier=ann", **headers)
    assert ids(answer) == [ann["id"]]


def test_the_self_link_repeats_what_was_used(hospital, ann):
    bundle = hospital.get("/Patient?identifier=ann&_count=5").get_json()
    [link] = [each["url"] for each in bundle["link"] if each["relation"] == "self"]
    assert link.endswith("/fhir/Patient?identifier=ann&_count=5")


def test_pages_lead_to_every_match_once(hospital):
    created = {
        hospital.create(patient(identifier=[identifier(f"p{n}", "urn:pages")]))["id"]
        for n in range(7)
    }
    seen, path = [], "/Patient?identifier=urn:pages|&_count=3"
    while path:
        bundle = hospital.get(path).get_json()
        assert bundle["total"] == 7
        seen += [each["resource"]["id"] for each in bundle["entry"]]
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        path = links.get("next", "").partition("/fhir")[2]
    assert len(seen) == 7
    assert set(seen) == created


@pytest.mark.parametrize("asked", ["_summary=count", "_count=0"])
def test_the_count_alone_can_be_asked_for(hospital, ann, asked):
    bundle = hospital.get(f"/Patient?identifier=ann&{asked}").get_json()
    assert bundle["total"] == 1
    assert "entry" not in bundle


@pytest.mark.parametrize(
    "criteria",
    [
        pytest.param("unheard=1", id="an unknown parameter"),
        pytest.param("name:sounds=Ann", id="an unknown modifier"),
        pytest.param("general-practitioner.nmae=x", id="a chain to nothing"),
        pytest.param("_has:Observation:patient=1", id="half a reverse chain"),
        pytest.param("_sort=unheard", id="a sort by nothing"),
        pytest.param("birthdate=yesterday", id="a date that is none"),
        pytest.param("birthdate=2020-02-30", id="a day that is none"),
        pytest.param("_count=many", id="a count that is none"),
        pytest.param("_count=-1", id="a negative count"),
        pytest.param("_cursor=xxx", id="a damaged link"),
        pytest.param("_cursor=MjAyNi0wMS0wMSB4", id="a cursor without a time zone"),
        pytest.param("identifier=", id="an empty value"),
        pytest.param("_lastUpdated=x", id="a moment that is none"),
    ],
)
def test_a_search_that_is_not_understood_is_refused(hospital, criteria):
    answer = hospital.get(f"/Patient?{criteria}")
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["diagnostics"]


def test_unknown_parameters_are_ignored_on_request_and_that_is_said(hospital, ann):
    answer = hospital.get("/Patient?identifier=ann&unheard=1", Prefer="handling=lenient")
    entries = answer.get_json()["entry"]
    assert [each["search"]["mode"] for each in entries] == ["match", "outcome"]
    assert "unheard" in entries[1]["resource"]["issue"][0]["diagnostics"]


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "pso-q", "outsider"])
@pytest.mark.parametrize(
    "criteria",
    ["", "?_summary=count", "?identifier=hidden", "?_security=undetermined", "?_id={id}"],
)
def test_nobody_else_finds_or_counts_an_event(actors, hospital, actor, criteria):
    created = hospital.create(adverse_event(identifier=identifier("hidden")))
    bundle = actors[actor].get(f"/AdverseEvent{criteria.format(id=created['id'])}").get_json()
    assert bundle["total"] == 0
    assert "entry" not in bundle


def test_a_resource_with_too_many_values_is_said_to_be_missing(hospital):
    many = [identifier(f"n{number}", "urn:many") for number in range(10_001)]
    hospital.create({"resourceType": "Basic", "code": {"text": "x"}, "identifier": many})
    [entry] = hospital.get("/Basic?identifier=urn:many|n1").get_json()["entry"]
    assert entry["search"]["mode"] == "outcome"
    condition = {"If_None_Exist": "identifier=urn:many|n1"}
    answer = hospital.post("/Basic", {"resourceType": "Basic", "code": {"text": "x"}}, **condition)
    assert_refused(answer, 412, "conflict")
