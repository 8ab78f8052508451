"""https://hl7.org/fhir/R4/http.html#history"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.builders import adverse_event, bundle, designated, entry, patient, report_to
from tests.http.conftest import Actor, assert_refused

from psolink.security.scopes import Scopes
from psolink.setup import access_tokens

LEVELS = ("/{type}/{id}/_history", "/{type}/_history", "/_history")


@pytest.fixture
def as_hospital(app, settings, hospital):
    """Make a client of the hospital with another clearance or other scopes."""
    tokens = access_tokens(settings)

    def make(**changes):
        principal = replace(tokens.verify(hospital.token), **changes)
        return Actor(app.test_client(), tokens.issue(principal).token)

    return make


def versions(answer):
    """The references and versions that a history tells of, in its order."""
    assert answer.status_code == 200, answer.text
    told = []
    for each in answer.get_json().get("entry", []):
        reference = each["fullUrl"].partition("/fhir/")[2]
        told.append((reference, each["response"]["etag"], each["request"]["method"]))
    return told


def following(answer):
    links = {each["relation"]: each["url"] for each in answer.get_json()["link"]}
    return links["next"].partition("/fhir")[2] if "next" in links else None


def walk(actor, path, between=lambda: None):
    """All that the pages of a history tell, with something done between them."""
    told, where = [], path
    while where:
        answer = actor.get(where)
        told += versions(answer)
        between()
        where = following(answer)
    return told


def lifetime(actor, resource):
    """A resource that was created, updated, deleted and brought back."""
    created = actor.create(resource)
    path = f"/{created['resourceType']}/{created['id']}"
    actor.put(path, created)
    actor.delete(path)
    actor.put(path, created)
    return created


def moment(answer_or_resource):
    return answer_or_resource["meta"]["lastUpdated"]


@pytest.mark.parametrize("level", LEVELS)
def test_a_history_tells_each_version_latest_first(hospital, level):
    known = lifetime(hospital, {"resourceType": "Basic", "code": {"text": "x"}})
    path = level.format(type="Basic", id=known["id"])
    since = known["meta"]["lastUpdated"]
    answer = hospital.get(f"{path}?_since={since}")
    assert versions(answer) == [
        (f"Basic/{known['id']}", 'W/"4"', "PUT"),
        (f"Basic/{known['id']}", 'W/"3"', "DELETE"),
        (f"Basic/{known['id']}", 'W/"2"', "PUT"),
        (f"Basic/{known['id']}", 'W/"1"', "POST"),
    ]
    body = answer.get_json()
    assert (body["type"], body["total"]) == ("history", 4)
    assert ["resource" in each for each in body["entry"]] == [True, False, True, True]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_a_history_tell_each_version_once_while_others_write(hospital, level, size):
    known = [lifetime(hospital, patient()) for _ in range(2)]
    # A transaction gives its resources the same moment, so that only their ids tell them apart.
    sent = [entry("POST", "Patient", patient()) for _ in range(5)]
    stored = hospital.post("", bundle("transaction", *sent)).get_json()["entry"]
    together = [each["response"]["location"].partition("/fhir/")[2][:-11] for each in stored]
    path = level.format(type="Patient", id=known[0]["id"])
    before = walk(hospital, f"{path}?_count=100&_since={moment(known[0])}")

    def write():
        # What was current is superseded, and new versions come on top.
        for each in known:
            hospital.put(f"/Patient/{each['id']}", each)
        for each in together:
            hospital.put(f"/{each}", patient(id=each.partition("/")[2]))
        hospital.create(patient())

    told = walk(hospital, f"{path}?_count={size}&_since={moment(known[0])}", write)
    assert len(set(told)) == len(told)
    assert [each for each in told if each in before] == before


@pytest.mark.parametrize("level", LEVELS)
def test_since_leaves_out_what_was_written_before(hospital, level):
    known = hospital.create(patient())
    later = hospital.put(f"/Patient/{known['id']}", known).get_json()
    path = level.format(type="Patient", id=known["id"])
    told = versions(hospital.get(f"{path}?_since={moment(later)}"))
    assert told == [(f"Patient/{known['id']}", 'W/"2"', "PUT")]


@pytest.mark.parametrize("level", LEVELS)
def test_at_finds_what_was_current_then(hospital, level):
    known = hospital.create(patient())
    later = hospital.put(f"/Patient/{known['id']}", known).get_json()
    hospital.delete(f"/Patient/{known['id']}")
    path = level.format(type="Patient", id=known["id"])
    ours = f"Patient/{known['id']}"

    def told(at):
        found = versions(hospital.get(f"{path}?_at={at}&_count=500"))
        return [each[1] for each in found if each[0] == ours]

    early = datetime.fromisoformat(moment(known)) - timedelta(milliseconds=1)
    assert told(early.isoformat().replace("+00:00", "Z")) == []
    assert told(moment(known)) == ['W/"1"']
    assert told(moment(later)) == ['W/"2"']
    assert told("2100") == ['W/"3"']
    assert told(datetime.now(UTC).year) == ['W/"3"', 'W/"2"', 'W/"1"']


def test_a_page_says_what_was_understood_and_where_it_goes_on(hospital):
    known = lifetime(hospital, patient())
    path = f"/Patient/{known['id']}/_history"
    answer = hospital.get(f"{path}?_count=3")
    links = answer.get_json()["link"]
    assert links[0]["url"].endswith(f"{path}?_count=3")
    assert known["id"] not in links[1]["url"].partition("?")[2]
    assert answer.get_json()["total"] == 4
    rest = hospital.get(following(answer))
    assert (len(versions(rest)), following(rest), rest.get_json()["total"]) == (1, None, 4)


@pytest.mark.parametrize("count", ["_count=0", "_summary=count"])
@pytest.mark.parametrize("level", LEVELS)
def test_a_history_can_be_counted(hospital, level, count):
    known = lifetime(hospital, patient())
    path = level.format(type="Patient", id=known["id"])
    body = hospital.get(f"{path}?{count}&_since={moment(known)}").get_json()
    assert (body["total"], body.get("entry")) == (4, None)


def test_a_total_that_is_not_wanted_is_not_counted(hospital):
    known = lifetime(hospital, patient())
    body = hospital.get(f"/Patient/{known['id']}/_history?_count=1&_total=none").get_json()
    assert "total" not in body


@pytest.mark.parametrize(
    "query",
    [
        "_since=yesterday",
        "_at=soon",
        "_count=x",
        "_sort=_lastUpdated",
        "_elements=id",
        "name=x",
        "_cursor=x",
        "_total=perhaps",
    ],
)
@pytest.mark.parametrize("level", LEVELS)
def test_a_history_refuses_what_it_does_not_know(hospital, level, query):
    known = hospital.create(patient())
    path = level.format(type="Patient", id=known["id"])
    answer = hospital.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_lenient_handling_passes_over_what_a_history_does_not_know(hospital):
    known = hospital.create(patient())
    path = f"/Patient/{known['id']}/_history"
    answer = hospital.get(f"{path}?name=x", Prefer="handling=lenient")
    assert len(versions(answer)) == 1
    assert "name" not in answer.get_json()["link"][0]["url"]


@pytest.mark.parametrize("path", ["/Patint/_history", "/Patint/1/_history"])
def test_an_unknown_type_has_no_history(hospital, path):
    assert_refused(hospital.get(path), 404, "not-supported")


def test_a_history_that_is_followed_by_another_organization_is_refused(hospital, rival):
    for _ in range(2):
        hospital.create(patient())
    where = following(hospital.get("/Patient/_history?_count=1"))
    assert rival.get(where).status_code == 400


@pytest.mark.parametrize("level", LEVELS[1:])
@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "pso-q", "outsider", "auditor", "admin"])
def test_nobody_learns_of_the_versions_of_others(actors, hospital, actor, level):
    known = lifetime(hospital, adverse_event())
    path = level.format(type="AdverseEvent", id="")
    answer = actors[actor].get(f"{path}?_count=1000")
    assert known["id"] not in answer.text
    counted = actors[actor].get(f"{path}?_summary=count")
    before = counted.get_json().get("total")
    lifetime(hospital, adverse_event())
    after = actors[actor].get(f"{path}?_summary=count")
    assert after.get_json().get("total") == before


@pytest.mark.parametrize("level", LEVELS)
def test_a_holder_sees_the_versions_that_it_holds(hospital, pso, level):
    event = hospital.create(designated("pswp-pending"))
    path = f"/AdverseEvent/{event['id']}"
    hospital.put(path, event)
    assert hospital.post(f"{path}/$pswp-report", report_to("pso-p")).status_code == 200
    where = level.format(type="AdverseEvent", id=event["id"])
    told = versions(pso.get(f"{where}?_count=500"))
    ours = [each[1] for each in told if each[0] == f"AdverseEvent/{event['id']}"]
    assert ours == ['W/"3"']


@pytest.mark.parametrize("level", LEVELS)
def test_earlier_versions_go_out_of_sight_with_the_resource(as_hospital, hospital, level):
    """Once a resource is very restricted, who may not read it does not see what it was before."""
    restricted = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    known = hospital.create(patient())
    hospital.put(f"/Patient/{known['id']}", known | {"meta": {"security": [restricted]}})
    reader = as_hospital(level="ULMNRV".index("N"))
    path = level.format(type="Patient", id=known["id"])
    answer = reader.get(f"{path}?_count=1000")
    assert known["id"] not in str(answer.get_json().get("entry"))
    assert len(versions(hospital.get(f"/Patient/{known['id']}/_history"))) == 2


def test_a_history_passes_over_types_that_the_scopes_do_not_cover(as_hospital, hospital):
    reader = as_hospital(scopes=Scopes.parse("system/Patient.rs"))
    known, event = hospital.create(patient()), hospital.create(adverse_event())
    told = [each[0] for each in versions(reader.get("/_history?_count=20"))]
    assert f"Patient/{known['id']}" in told
    assert f"AdverseEvent/{event['id']}" not in told
    assert_refused(reader.get("/AdverseEvent/_history"), 403, "forbidden")


def test_histories_are_told_in_bundles(hospital):
    known = lifetime(hospital, patient())
    urls = [f"Patient/{known['id']}/_history", "Patient/_history?_count=2", "_history?_count=3"]
    for kind in ("batch", "transaction"):
        answer = hospital.post("", bundle(kind, *(entry("GET", url) for url in urls)))
        found = [each["resource"] for each in answer.get_json()["entry"]]
        assert [(each["type"], len(each["entry"])) for each in found] == [
            ("history", 4),
            ("history", 2),
            ("history", 3),
        ]
