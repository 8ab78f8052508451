"""SearchParameters that an organization stores, from the write to the search."""

import time
from datetime import timedelta

import pytest
from tests.builders import adverse_event, designated, patient, report_to
from tests.http.conftest import assert_refused

from psolink.administration import parameter_builder
from psolink.search.stored_parameters import KEEP_SECONDS

NICKNAME = "Patient.name.where(use = 'nickname').given"


@pytest.fixture(scope="module")
def builder(settings, app, mongodb):
    return parameter_builder(settings, mongodb, grace=timedelta(0))


def parameter(code, **changed):
    return {
        "resourceType": "SearchParameter",
        "url": f"urn:parameter:{code}",
        "name": "Own",
        "status": "active",
        "description": "A parameter of our own.",
        "code": code,
        "base": ["Patient"],
        "type": "string",
        "expression": NICKNAME,
    } | changed


def known(name):
    return patient(name=[{"use": "nickname", "given": [name]}])


def settle():
    """Wait until every process goes by what is stored now."""
    time.sleep(KEEP_SECONDS * 1.05)


def build(builder):
    while builder.advance():
        pass
    # What was walked is finished with the next look.
    builder.advance()
    settle()


def found(client, query):
    answer = client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    return [each["resource"]["id"] for each in answer.get_json().get("entry", ())]


def state(client, stored):
    answer = client.get(f"/SearchParameter/{stored['id']}/$reindex-status")
    assert answer.status_code == 200, answer.text
    parts = {each["name"]: each for each in answer.get_json()["parameter"]}
    return parts["state"]["valueCode"], parts["seen"]["valueInteger"]


def test_it_is_refused_until_it_is_built_and_then_finds_everything(hospital, builder):
    before = hospital.create(known("Kit"))
    stored = hospital.create(parameter("nickname"))
    settle()
    assert state(hospital, stored) == ("building", 0)
    refused = hospital.get("/Patient?nickname=Kit")
    assert "being built" in assert_refused(refused, 400, "not-supported")["diagnostics"]
    meanwhile = hospital.create(known("Kit"))
    build(builder)
    after = hospital.create(known("Kit"))
    assert state(hospital, stored)[0] == "active"
    assert state(hospital, stored)[1] >= 1
    assert set(found(hospital, "Patient?nickname=Kit")) == {
        before["id"],
        meanwhile["id"],
        after["id"],
    }


def test_lenient_handling_says_that_it_was_passed_over(hospital):
    hospital.create(parameter("unready"))
    settle()
    answer = hospital.get("/Patient?unready=x", Prefer="handling=lenient")
    outcomes = [
        each["resource"]
        for each in answer.get_json()["entry"]
        if each["resource"]["resourceType"] == "OperationOutcome"
    ]
    assert "unready" in str(outcomes)


def test_it_serves_its_organization_alone(hospital, rival, builder):
    mine = hospital.create(parameter("shared-code"))
    hospital.create(known("Zed"))
    rival.create(known("Zed"))
    build(builder)
    assert len(found(hospital, "Patient?shared-code=Zed")) == 1
    assert_refused(rival.get("/Patient?shared-code=Zed"), 400, "not-supported")
    assert_refused(rival.get(f"/SearchParameter/{mine['id']}/$reindex-status"), 404, "not-found")
    theirs = parameter("shared-code", expression="Patient.gender", type="token")
    rival.create(theirs)
    build(builder)
    assert len(found(rival, "Patient?shared-code=male")) == len(found(rival, "Patient?gender=male"))
    assert len(found(hospital, "Patient?shared-code=Zed")) == 1


def test_a_new_definition_is_built_anew_and_forgets_the_old(hospital, builder):
    stored = hospital.create(parameter("changing"))
    one = hospital.create(known("Old") | {"gender": "female"})
    build(builder)
    assert found(hospital, "Patient?changing=Old") == [one["id"]]
    changed = parameter("changing", expression="Patient.gender", type="token", id=stored["id"])
    assert hospital.put(f"/SearchParameter/{stored['id']}", changed).status_code == 200
    settle()
    assert_refused(hospital.get("/Patient?changing=female"), 400, "not-supported")
    build(builder)
    assert one["id"] in found(hospital, "Patient?changing=female")
    assert found(hospital, "Patient?changing=Old") == []


def test_words_about_it_change_without_building(hospital, builder):
    stored = hospital.create(parameter("described"))
    build(builder)
    again = parameter("described", id=stored["id"], description="Said better.")
    hospital.put(f"/SearchParameter/{stored['id']}", again)
    settle()
    assert state(hospital, stored)[0] == "active"


def test_deleting_it_ends_it(hospital, builder):
    stored = hospital.create(parameter("passing"))
    build(builder)
    assert found(hospital, "Patient?passing=x") == []
    assert hospital.delete(f"/SearchParameter/{stored['id']}").status_code == 204
    settle()
    assert_refused(hospital.get("/Patient?passing=x"), 400, "not-supported")


def test_it_can_be_sorted_by_chained_and_reversed(hospital, builder):
    for code, changes in (
        ("nick", {}),
        ("about", {"base": ["AdverseEvent"], "type": "reference", "target": ["Patient"]}),
    ):
        expression = {"expression": "AdverseEvent.subject"} if changes else {}
        hospital.create(parameter(code, **changes, **expression))
    ann, bob = (hospital.create(known(name)) for name in ("Ann-7", "Bob-7"))
    event = hospital.create(adverse_event(subject={"reference": f"Patient/{bob['id']}"}))
    build(builder)
    both = f"_id={ann['id']},{bob['id']}"
    assert found(hospital, f"Patient?{both}&_sort=nick") == [ann["id"], bob["id"]]
    assert found(hospital, f"Patient?{both}&_sort=-nick") == [bob["id"], ann["id"]]
    assert found(hospital, "AdverseEvent?about.nick=Bob-7") == [event["id"]]
    has = f"Patient?{both}&_has:AdverseEvent:about:_id={event['id']}"
    assert found(hospital, has) == [bob["id"]]


def test_what_a_pso_defines_finds_what_is_reported_to_it(hospital, pso, builder):
    pso.create(parameter("told", base=["AdverseEvent"], expression="AdverseEvent.event.text"))
    build(builder)
    event = hospital.create(designated("pswp-pending", event={"text": "Quince"}))
    assert found(pso, "AdverseEvent?told=Quince") == []
    path = f"/AdverseEvent/{event['id']}/$pswp-report"
    assert hospital.post(path, report_to("pso-p")).status_code == 200
    assert found(pso, "AdverseEvent?told=Quince") == [event["id"]]
    assert_refused(hospital.get("/AdverseEvent?told=Quince"), 400, "not-supported")


def test_values_taken_later_show_nobody_what_it_may_not_see(hospital, rival, pso, builder):
    """A parameter over everything finds for each organization what it could find before."""
    hospital.create(designated("pswp-pending", event={"text": "Medlar"}))
    for actor in (rival, pso):
        actor.create(parameter("any", base=["AdverseEvent"], expression="AdverseEvent.event.text"))
    build(builder)
    assert found(rival, "AdverseEvent?any=Medlar") == []
    assert found(pso, "AdverseEvent?any=Medlar") == []


WRONG = [
    pytest.param({"expression": "Patient.name.where("}, "expression", id="an expression cut off"),
    pytest.param({"expression": "Patient.nothing"}, "expression", id="an element there is not"),
    pytest.param({"expression": None}, "expression", id="no expression"),
    pytest.param({"type": "reference"}, "expression", id="a type that does not fit"),
    pytest.param({"type": "special"}, "expression", id="a special parameter"),
    pytest.param({"base": ["Resource"]}, "base", id="an abstract base"),
    pytest.param({"code": "gender"}, "code", id="a code of R4"),
    pytest.param({"code": "9 x"}, "code", id="a code of another form"),
]


@pytest.mark.parametrize(("changes", "element"), WRONG)
def test_what_searches_could_not_use_is_refused(hospital, changes, element):
    body = {
        name: value for name, value in (parameter("wrong") | changes).items() if value is not None
    }
    refused = hospital.post("/SearchParameter", body)
    assert refused.status_code == 422, refused.text
    places = [each for issue in refused.get_json()["issue"] for each in issue.get("expression", ())]
    assert f"SearchParameter.{element}" in places


def test_a_second_parameter_of_the_same_code_is_refused(hospital):
    first = hospital.create(parameter("twice"))
    issue = assert_refused(
        hospital.post("/SearchParameter", parameter("twice")),
        422,
        "duplicate",
        "SearchParameter.code",
    )
    # It is told to every client of the organization, also to those that may not see the first.
    assert first["id"] not in issue["diagnostics"]
    assert "another code" in issue["diagnostics"]


def test_the_tool_that_comes_back_goes_on_where_it_was(hospital, settings, mongodb):
    for number in range(230):
        hospital.create(known(f"Many-{number}"))
    stored = hospital.create(parameter("many"))
    settle()
    parameter_builder(settings, mongodb, grace=timedelta(0)).advance()
    assert state(hospital, stored)[1] in (0, 200)
    build(parameter_builder(settings, mongodb, grace=timedelta(0)))
    assert len(found(hospital, "Patient?many=Many&_count=500")) == 230
