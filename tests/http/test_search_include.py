"""https://hl7.org/fhir/R4/search.html#include"""

import pytest
from tests.builders import adverse_event, identifier, patient
from tests.http.conftest import assert_refused

from psolink.interactions.included import MAX_INCLUDED


@pytest.fixture(scope="module")
def made(actors):
    """Two events of a patient who belongs to an organization that is part of another one."""
    hospital = actors["hospital-a"]

    def create(resource):
        created = hospital.create(resource)
        return f"{created['resourceType']}/{created['id']}"

    trust = create({"resourceType": "Organization", "name": "Trust"})
    mercy = create(
        {"resourceType": "Organization", "name": "Mercy", "partOf": {"reference": trust}}
    )
    ann = create(patient(managingOrganization={"reference": mercy}, name=[{"family": "Include"}]))
    pulse = create(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "pulse"},
            "subject": {"reference": ann},
        }
    )
    events = [
        create(
            adverse_event(
                identifier=identifier(f"e{number}", "urn:include"),
                subject={"reference": f"{ann}{version}"},
            )
        )
        for number, version in enumerate(["", "/_history/1"])
    ]
    return {"trust": trust, "mercy": mercy, "ann": ann, "pulse": pulse, "events": events}


def found(answer, mode="include"):
    assert answer.status_code == 200, answer.text
    return sorted(
        "{resourceType}/{id}".format(**each["resource"])
        for each in answer.get_json().get("entry", [])
        if each["search"]["mode"] == mode
    )


EVENTS = "/AdverseEvent?identifier=urn:include|"
PATIENTS = "/Patient?name=include"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(f"{EVENTS}&_include=AdverseEvent:subject", ["ann"], id="one for both"),
        pytest.param(f"{EVENTS}&_include=AdverseEvent:subject:Patient", ["ann"], id="of a type"),
        pytest.param(f"{EVENTS}&_include=AdverseEvent:subject:Group", [], id="of another type"),
        pytest.param(f"{EVENTS}&_include=*", ["ann"], id="all of any type"),
        pytest.param(f"{EVENTS}&_include=AdverseEvent:*", ["ann"], id="all of one type"),
        pytest.param(
            f"{EVENTS}&_include=AdverseEvent:subject&_include=Patient:organization",
            ["ann"],
            id="not what is included includes",
        ),
        pytest.param(
            f"{EVENTS}&_include=AdverseEvent:subject&_include:iterate=Patient:organization",
            ["ann", "mercy"],
            id="what is included includes when it iterates",
        ),
        pytest.param(f"{EVENTS}&_include:iterate=*", ["ann", "mercy", "trust"], id="everything"),
        pytest.param(
            f"{PATIENTS}&_include=Patient:organization&_include:iterate=Organization:partof",
            ["mercy", "trust"],
            id="a reference to the same type",
        ),
        pytest.param(f"{PATIENTS}&_revinclude=Observation:subject", ["pulse"], id="reverse"),
        pytest.param(f"{PATIENTS}&_revinclude=Observation:*", ["pulse"], id="reverse, any"),
        pytest.param(f"{PATIENTS}&_revinclude=*", ["pulse", "events"], id="reverse, of any type"),
        pytest.param(
            f"{PATIENTS}&_revinclude=AdverseEvent:subject:Patient",
            ["events"],
            id="reverse, several",
        ),
        pytest.param(
            "/Organization?name=trust&_revinclude:iterate=Organization:partof"
            "&_revinclude:iterate=Patient:organization&_revinclude:iterate=Observation:patient",
            ["mercy", "ann", "pulse"],
            id="reverse, iterated",
        ),
        pytest.param(
            f"{EVENTS}&_include=AdverseEvent:subject&_revinclude:iterate=Observation:patient",
            ["ann", "pulse"],
            id="reverse from what is included",
        ),
    ],
)
def test_what_belongs_to_matches_is_sent_along_once(hospital, made, path, expected):
    references: list[str] = []
    for each in expected:
        references += made[each] if isinstance(made[each], list) else [made[each]]
    answer = hospital.get(path)
    assert found(answer) == sorted(references)
    matches = found(answer, "match")
    assert answer.get_json()["total"] == len(matches) > 0


def test_the_self_link_says_what_is_included(hospital, made):
    [link] = hospital.get(f"{EVENTS}&_include:iterate=AdverseEvent:subject").get_json()["link"]
    assert "_include%3Aiterate=AdverseEvent%3Asubject" in link["url"]


def test_each_page_includes_what_belongs_to_its_matches(hospital, made):
    answer = hospital.get(f"{EVENTS}&_include=AdverseEvent:subject&_count=1")
    links = {each["relation"]: each["url"] for each in answer.get_json()["link"]}
    further = hospital.get(links["next"].partition("/fhir")[2])
    assert found(answer) == found(further) == [made["ann"]]


def test_included_resources_are_summarized_like_matches(hospital, made):
    answer = hospital.get(f"{EVENTS}&_include=AdverseEvent:subject&_elements=subject")
    [included] = [
        each["resource"]
        for each in answer.get_json()["entry"]
        if each["search"]["mode"] == "include"
    ]
    assert included.keys() == {"resourceType", "id", "meta"}


def test_a_count_includes_nothing(hospital, made):
    bundle = hospital.get(f"{EVENTS}&_include=*&_summary=count").get_json()
    assert (bundle["total"], bundle.get("entry")) == (2, None)


def test_more_than_is_sent_along_is_cut_and_that_is_said(hospital):
    group = hospital.create(
        {
            "resourceType": "Group",
            "type": "person",
            "actual": True,
            "code": {"coding": [{"code": "many", "system": "urn:include"}]},
        }
    )
    subject = {"reference": f"Group/{group['id']}"}
    flag = {
        "resourceType": "Flag",
        "status": "active",
        "code": {"text": "x"},
        "subject": subject,
    }
    entries = [
        {"resource": flag, "request": {"method": "POST", "url": "Flag"}}
        for _ in range(MAX_INCLUDED + 1)
    ]
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert hospital.post("", sent).status_code == 200
    answer = hospital.get("/Group?code=urn:include|many&_revinclude=Flag:subject")
    assert len(found(answer)) == MAX_INCLUDED
    [remark] = answer.get_json()["entry"][-1]["resource"]["issue"]
    assert (remark["severity"], remark["code"]) == ("warning", "too-costly")


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
@pytest.mark.parametrize(
    "rule",
    ["_include=AdverseEvent:subject", "_include:iterate=*", "_revinclude=*"],
)
def test_nothing_of_another_organization_is_included(actors, made, actor, rule):
    other = actors[actor]
    if actor == "hospital-b":
        # It points at what it guessed, and is pointed at by nobody.
        guess = {"reference": made["ann"]}
        other.create(adverse_event(identifier=identifier("own", "urn:include"), subject=guess))
    answer = other.get(f"{EVENTS}&{rule}")
    assert found(answer) == []
    assert made["ann"].partition("/")[2] not in str(answer.get_json()["link"])


def test_work_product_is_not_included_without_clearance(portal, made):
    answer = portal().get(f"{PATIENTS}&_revinclude=AdverseEvent:subject")
    assert found(answer, "match") == [made["ann"]]
    assert found(answer) == []
    assert "Event" not in str(answer.get_json()["entry"])


def test_types_that_the_scopes_do_not_cover_are_left_out_and_that_is_said(portal, made):
    answer = portal("system/Patient.rs").get(f"{PATIENTS}&_include=Patient:organization")
    assert found(answer) == []
    [issue] = answer.get_json()["entry"][-1]["resource"]["issue"]
    assert "system/Organization.s" in issue["diagnostics"]


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("_include=subject", "Type:parameter"),
        ("_include=AdverseEvent:subject:Patient:x", "Type:parameter"),
        ("_include=", "Type:parameter"),
        ("_include=Nothing:subject", "no resource type"),
        ("_include=AdverseEvent:subject:Nothing", "no resource type"),
        ("_include=AdverseEvent:unheard", "It has "),
        ("_include=AdverseEvent:actuality", "no reference parameter"),
        ("_include=AdverseEvent:recorder:Group", "does not refer to Group"),
        ("_revinclude=Observation", "Type:parameter"),
        ("_include:missing=AdverseEvent:subject", "no modifier"),
    ],
)
def test_an_include_that_cannot_be_is_refused_with_the_reason(hospital, rule, hint):
    answer = hospital.get(f"/AdverseEvent?{rule}")
    assert answer.status_code == 400
    assert hint in answer.get_json()["issue"][0]["diagnostics"]


def test_lenient_handling_passes_over_an_include_that_is_not_known(hospital, made):
    path = f"{EVENTS}&_include=AdverseEvent:unheard&_include=AdverseEvent:subject"
    answer = hospital.get(path, Prefer="handling=lenient")
    assert found(answer) == [made["ann"]]
    assert "unheard" not in answer.get_json()["link"][0]["url"]
    assert "unheard" in str(answer.get_json()["entry"][-1])


def test_the_statement_names_what_can_be_included(hospital):
    statement = hospital.get("/metadata").get_json()
    by_type = {each["type"]: each for each in statement["rest"][0]["resource"]}
    assert "AdverseEvent:subject" in by_type["AdverseEvent"]["searchInclude"]
    assert "AdverseEvent:subject" in by_type["Patient"]["searchRevInclude"]


def test_an_unknown_form_of_include_in_a_condition_is_refused(hospital, made):
    condition = {"If_None_Exist": "name=include&_include=Patient:organization"}
    assert_refused(hospital.post("/Patient", patient(), **condition), 400, "not-supported")


def test_the_rules_of_what_is_sent_along_are_bounded(hospital):
    rules = "&".join(f"_revinclude=Observation:subject:Patient{n}" for n in range(51))
    assert_refused(hospital.get(f"/Patient?{rules}"), 400, "invalid")
