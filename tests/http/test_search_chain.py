"""https://hl7.org/fhir/R4/search.html#chaining: chains of any depth, and what they must not show."""

import pytest
from tests.builders import adverse_event, identifier, patient
from tests.http.conftest import assert_refused


@pytest.fixture(scope="module")
def made(actors):
    """A patient of an organization, with an event, an observation and a list."""
    hospital = actors["hospital-a"]
    mercy = hospital.create({"resourceType": "Organization", "name": "Mercy"})
    ann = hospital.create(
        patient(
            identifier=[identifier("ann", "urn:chain")],
            name=[{"family": "Bell"}],
            managingOrganization={"reference": f"Organization/{mercy['id']}"},
        )
    )
    subject = {"reference": f"Patient/{ann['id']}"}
    event = hospital.create(
        adverse_event(identifier=identifier("fall", "urn:chain"), subject=subject)
    )
    pulse = hospital.create(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "urn:x", "code": "pulse"}]},
            "subject": subject,
        }
    )
    listed = hospital.create(
        {
            "resourceType": "List",
            "status": "current",
            "mode": "working",
            "entry": [{"item": subject}],
        }
    )
    return {"Patient": ann["id"], "AdverseEvent": event["id"], "Observation": pulse["id"]} | {
        "List": listed["id"]
    }


CHAINS = [
    ("AdverseEvent", "subject:Patient.identifier=urn:chain|ann"),
    ("AdverseEvent", "subject.name=bell"),
    ("AdverseEvent", "subject.organization.name=mercy"),
    ("AdverseEvent", "subject:Patient._has:Observation:patient:code=pulse"),
    ("Patient", "_has:AdverseEvent:subject:identifier=urn:chain|fall"),
    ("Patient", "_has:Observation:patient:code=pulse&organization.name=mercy"),
    ("Observation", "patient._has:AdverseEvent:subject:identifier=fall"),
    ("Patient", "_list={List}"),
]


def ids(answer):
    assert answer.status_code == 200, answer.text
    entries = answer.get_json().get("entry", [])
    return [each["resource"]["id"] for each in entries if each["search"]["mode"] == "match"]


@pytest.mark.parametrize(("resource_type", "criteria"), CHAINS)
def test_a_chain_finds_what_it_leads_to(hospital, made, resource_type, criteria):
    found = ids(hospital.get(f"/{resource_type}?{criteria.format(**made)}"))
    assert found == [made[resource_type]]


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
@pytest.mark.parametrize(("resource_type", "criteria"), CHAINS)
def test_a_chain_leads_nobody_else_anywhere(actors, made, actor, resource_type, criteria):
    bundle = actors[actor].get(f"/{resource_type}?{criteria.format(**made)}").get_json()
    assert bundle["total"] == 0
    assert "entry" not in bundle


def test_a_hidden_resource_is_not_found_through_one_of_ones_own(actors, made):
    # The rival points at ids that it guessed; what is behind them must not answer its criteria.
    rival = actors["hospital-b"]
    subject = {"reference": f"Patient/{made['Patient']}"}
    rival.create(adverse_event(subject=subject))
    assert ids(rival.get("/AdverseEvent?subject.name=bell")) == []
    rival.create(patient(name=[{"family": "Own"}]))
    assert ids(rival.get("/Patient?_has:AdverseEvent:subject:identifier=fall")) == []


def test_work_product_cannot_be_probed_through_what_refers_to_it(portal, made):
    uncleared = portal()
    assert ids(uncleared.get("/Patient?name=bell")) == [made["Patient"]]
    assert ids(uncleared.get("/Patient?_has:AdverseEvent:subject:identifier=fall")) == []
    assert ids(uncleared.get("/Patient?_has:Observation:patient:code=pulse")) == [made["Patient"]]


def test_a_chain_leads_only_through_types_that_the_scopes_cover(portal, made):
    narrow = portal("system/Observation.rs system/Group.rs")
    assert ids(narrow.get("/Observation?code=pulse")) == [made["Observation"]]
    assert_refused(narrow.get("/Observation?subject:Patient.name=bell"), 403, "forbidden")
    assert_refused(narrow.get("/Observation?patient._has:Flag:patient:_id=1"), 403, "forbidden")
    # Without a type the chain keeps to what may be searched.
    assert ids(narrow.get("/Observation?subject._id={Patient}".format(**made))) == []


def test_a_chain_can_be_a_condition(hospital, made):
    condition = {"If_None_Exist": "subject:Patient.identifier=urn:chain|ann"}
    again = hospital.post("/AdverseEvent", adverse_event(), **condition)
    assert (again.status_code, again.get_json()["id"]) == (200, made["AdverseEvent"])
    condition = {"If_None_Exist": "subject:Patient.identifier=urn:chain|nobody"}
    assert hospital.post("/AdverseEvent", adverse_event(), **condition).status_code == 201


def test_a_chain_leads_through_pages(hospital, made):
    for _ in range(3):
        hospital.create(adverse_event(subject={"reference": f"Patient/{made['Patient']}"}))
    answer = hospital.get("/AdverseEvent?subject.name=bell&_count=3")
    links = {each["relation"]: each["url"] for each in answer.get_json()["link"]}
    further = ids(hospital.get(links["next"].partition("/fhir")[2]))
    assert made["AdverseEvent"] in further
    assert not {*further} & {*ids(answer)}


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/AdverseEvent?subject.unheard=x", "unheard"),
        ("/AdverseEvent?actuality.name=x", "no reference"),
        ("/Patient?_has:Observation:patient=x", "_has:Type:reference:parameter"),
        ("/Patient?_list=$current-problems", "functional"),
    ],
)
def test_a_chain_that_leads_nowhere_is_refused(hospital, path, hint):
    answer = hospital.get(path)
    assert answer.status_code == 400
    assert hint in answer.get_json()["issue"][0]["diagnostics"]


def test_lenient_handling_passes_over_a_chain_that_is_not_known(hospital, made):
    answer = hospital.get("/Patient?name=bell&organization.unheard=x", Prefer="handling=lenient")
    assert made["Patient"] in ids(answer)
    assert "unheard" not in answer.get_json()["link"][0]["url"]


def test_a_refused_chain_tells_nothing_of_what_is_stored(hospital, made):
    issue = assert_refused(hospital.get("/AdverseEvent?subject.nmae=bell"), 400, "not-supported")
    assert made["Patient"] not in issue["diagnostics"]


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
def test_a_filter_shows_nobody_else_anything(actors, hospital, made, actor):
    path = "/AdverseEvent?_filter=subject.name sw bell or not (actuality eq actual)"
    assert made["AdverseEvent"] in ids(hospital.get(path))
    bundle = actors[actor].get(path).get_json()
    assert (bundle["total"], bundle.get("entry")) == (0, None) or actor == "hospital-b"
    assert made["AdverseEvent"] not in str(bundle)


@pytest.mark.parametrize(
    ("criteria", "hint"),
    [
        ("_filter=name", "an operator such as eq is expected at character 5"),
        ("_query=current", "named queries"),
    ],
)
def test_other_forms_that_cannot_be_are_refused(hospital, criteria, hint):
    answer = hospital.get(f"/Patient?{criteria}")
    assert answer.status_code == 400
    assert hint in answer.get_json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    "criterion",
    [
        f"{'.'.join(['focus'] * 10)}._id=x",
        f"{'.'.join(['focus'] * 9)}.status=completed",
        f"_filter={'.'.join(['focus'] * 10)} eq x",
    ],
    ids=["a chain", "a chain to some types", "a filter"],
)
def test_links_that_lead_to_the_same_types_in_many_ways_are_read_once(hospital, criterion):
    # A focus is of any type, and three types have one: 3^10 ways.
    answer = hospital.get(f"/Task?{criterion}")
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["total"] == 0


def test_a_chain_that_no_type_can_follow_is_refused_at_once(hospital):
    answer = hospital.get(f"/Task?{'.'.join(['focus'] * 10)}.nothing=x")
    assert_refused(answer, 400, "not-supported")


def test_the_chains_of_one_request_come_to_a_bounded_number_of_searches(hospital):
    chains = "&".join(f"subject:Patient.organization.name=a{n}" for n in range(150))
    assert_refused(hospital.get(f"/AdverseEvent?{chains}"), 422, "too-costly")
