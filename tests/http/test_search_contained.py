"""https://hl7.org/fhir/R4/search.html#contained"""

import pytest
from tests.builders import adverse_event, identifier, patient
from tests.http.conftest import assert_refused

DRUGS = "urn:contained"
MOST_PAGES = 20


def drug(name, code, **more):
    concept = {"coding": [{"system": DRUGS, "code": code}]}
    return {"resourceType": "Medication", "id": name, "code": concept} | more


def order(*contained, **more):
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"display": "somebody"},
        "contained": list(contained),
        "medicationReference": {"reference": f"#{contained[0]['id']}"},
        "supportingInformation": [{"reference": f"#{each['id']}"} for each in contained],
    } | more


@pytest.fixture(scope="module")
def made(actors):
    """Orders that contain drugs, and a drug of its own."""
    hospital = actors["hospital-a"]
    first = hospital.create(order(drug("a", "one"), drug("b", "one"), drug("c", "two")))
    second = hospital.create(order(drug("a", "one", status="active")))
    own = hospital.create(drug("own", "one"))
    return {"first": first["id"], "second": second["id"], "own": own["id"]}


def found(answer):
    assert answer.status_code == 200, answer.text
    entries = answer.get_json().get("entry", [])
    return [each["fullUrl"].partition("/fhir/")[2] for each in entries]


def walk(actor, path):
    pages = [actor.get(path)]
    while len(pages) < MOST_PAGES:
        links = {each["relation"]: each["url"] for each in pages[-1].get_json()["link"]}
        if "next" not in links:
            return [found(each) for each in pages]
        pages.append(actor.get(links["next"].partition("/fhir")[2]))
    pytest.fail("the pages have no end")


def named(made, *names):
    """Return the references, such as `first#a`, with the ids that the server gave."""
    types = {"own": "Medication"}
    return [
        f"{types.get(key, 'MedicationRequest')}/{made[key]}{mark}{inner}"
        for key, mark, inner in (each.partition("#") for each in names)
    ]


CASES = [
    pytest.param("code=one", ["own"], id="by themselves they are not searched"),
    pytest.param("code=one&_contained=false", ["own"], id="nor with false"),
    pytest.param("code=one&_contained=true", ["second", "first"], id="their containers, once"),
    pytest.param("code=one&_contained=both", ["own", "second", "first"], id="both"),
    pytest.param("code=two&_contained=both", ["first"], id="both, of which one has none"),
    pytest.param(
        "code=one&_contained=true&_containedType=contained",
        ["second#a", "first#a", "first#b"],
        id="themselves",
    ),
    pytest.param(
        "code=one&_contained=both&_containedType=contained",
        ["own", "second#a", "first#a", "first#b"],
        id="themselves and those of their own",
    ),
    pytest.param("code=one&status=active&_contained=true", ["second"], id="one meets all"),
    pytest.param("code=two&status=active&_contained=true", [], id="none meets all"),
    pytest.param("_id=c&code=two&_contained=true", ["first"], id="by the id within"),
    pytest.param("code=one&_lastUpdated=gt2020&_contained=true", ["second", "first"], id="recent"),
    pytest.param("code=one&_lastUpdated=lt2020&_contained=true", [], id="of an old container"),
    pytest.param("code=one&_lastUpdated=lt2020&_contained=both", [], id="both old"),
    pytest.param(
        "code=one&_contained=true&_sort=_lastUpdated", ["first", "second"], id="in an order"
    ),
]


@pytest.mark.parametrize(("criteria", "expected"), CASES)
def test_contained_resources_are_found(hospital, made, criteria, expected):
    answer = hospital.get(f"/Medication?{criteria}")
    assert found(answer) == named(made, *expected)
    assert answer.get_json()["total"] == len(expected)


@pytest.mark.parametrize(("criteria", "expected"), CASES)
@pytest.mark.parametrize("count", [1, 2])
def test_pages_tell_each_match_once(hospital, made, criteria, expected, count):
    pages = walk(hospital, f"/Medication?{criteria}&_count={count}")
    assert [each for page in pages for each in page] == named(made, *expected)
    assert all(len(page) <= count for page in pages)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("_summary=count", 4), ("_total=accurate", 4), ("_total=none", None), ("_count=0", 4)],
)
def test_the_total_counts_contained_resources_by_themselves(hospital, made, asked, expected):
    path = "/Medication?code=one&_contained=both&_containedType=contained"
    assert hospital.get(f"{path}&{asked}").get_json().get("total") == expected


def test_a_page_that_ends_within_a_container_goes_on_there_when_another_is_deleted(hospital):
    def inside(name):
        return [f"MedicationRequest/{name}#{each}" for each in "abc"]

    created = [
        hospital.create(order(*(drug(each, "gone") for each in "abc")))["id"] for _ in range(2)
    ]
    path = "/Medication?code=gone&_contained=true&_containedType=contained&_count=2"
    first = hospital.get(path)
    [link] = [each["url"] for each in first.get_json()["link"] if each["relation"] == "next"]
    hospital.delete(f"/MedicationRequest/{created[1]}")
    assert found(first) == inside(created[1])[:2]
    # What is left of the deleted one is gone, and nothing of the other is passed over.
    assert found(hospital.get(link.partition("/fhir")[2])) == inside(created[0])[:2]


def test_self_says_what_was_understood(hospital, made):
    [link, *_] = hospital.get("/Medication?_contained=true&code=one").get_json()["link"]
    assert "_contained=true" in link["url"]
    assert "code=one" in link["url"]


def test_containers_take_what_is_sent_along_with_them(hospital):
    subject = hospital.create(patient())
    reference = {"reference": f"Patient/{subject['id']}"}
    made = hospital.create(order(drug("a", "along"), subject=reference))
    answer = hospital.get(
        "/Medication?code=along&_contained=true&_include=MedicationRequest:subject"
    )
    assert found(answer) == [f"MedicationRequest/{made['id']}", f"Patient/{subject['id']}"]


def test_an_update_changes_what_is_found(hospital):
    made = hospital.create(order(drug("a", "before")))
    hospital.put(f"/MedicationRequest/{made['id']}", made | {"contained": [drug("a", "after")]})
    assert found(hospital.get("/Medication?code=before&_contained=true")) == []
    assert len(found(hospital.get("/Medication?code=after&_contained=true"))) == 1


@pytest.mark.parametrize("actor", ["hospital-b", "pso-p", "outsider"])
@pytest.mark.parametrize("form", ["container", "contained"])
@pytest.mark.parametrize("kind", ["true", "both"])
def test_nobody_else_finds_what_a_resource_contains(actors, made, actor, form, kind):
    path = f"/Medication?code=one&_contained={kind}&_containedType={form}"
    bundle = actors[actor].get(path).get_json()
    assert bundle["total"] == 0
    assert "entry" not in bundle
    assert actors[actor].get(f"{path}&_summary=count").get_json()["total"] == 0


def test_work_product_cannot_be_probed_through_what_it_contains(hospital, portal):
    inner = patient(id="p", identifier=[identifier("inner", DRUGS)])
    event = hospital.create(adverse_event(contained=[inner], subject={"reference": "#p"}))
    path = f"/Patient?identifier={DRUGS}|inner&_contained=true"
    themselves = f"{path}&_containedType=contained"
    assert found(hospital.get(path)) == [f"AdverseEvent/{event['id']}"]
    assert found(portal().get(path)) == []
    assert found(portal().get(themselves)) == []
    assert portal().get(f"{themselves}&_summary=count").get_json()["total"] == 0


def test_what_is_taken_out_of_work_product_keeps_its_labels(hospital):
    inner = patient(id="p", identifier=[identifier("labelled", DRUGS)])
    event = hospital.create(adverse_event(contained=[inner], subject={"reference": "#p"}))
    path = f"/Patient?identifier={DRUGS}|labelled&_contained=true&_containedType=contained"
    [entry] = hospital.get(path).get_json()["entry"]
    assert event["meta"]["security"]
    assert entry["resource"]["meta"]["security"] == event["meta"]["security"]
    assert entry["resource"]["id"] == "p"


def test_only_containers_that_the_scopes_cover_are_found(portal, made):
    path = "/Medication?code=one&_contained=both"
    assert found(portal("system/Medication.rs").get(path)) == named(made, "own")
    covered = portal("system/Medication.rs system/MedicationRequest.rs")
    assert found(covered.get(path)) == named(made, "own", "second", "first")
    assert_refused(portal("system/MedicationRequest.rs").get(path), 403, "forbidden")


@pytest.mark.parametrize(
    ("path", "code", "hint"),
    [
        ("/Medication?_contained=maybe", "invalid", "false, true, both"),
        ("/Medication?_containedType=banana", "invalid", "container, contained"),
        ("/Medication?manufacturer.name=x&_contained=true", "invalid", "looks at other resources"),
        (
            "/Medication?_has:MedicationRequest:medication:status=x&_contained=true",
            "invalid",
            "looks at other resources",
        ),
        ("/Medication?_list=1&_contained=both", "invalid", "looks at other resources"),
        ("/Location?near=1|1&_contained=true", "invalid", "'near'"),
        (
            "/Medication?_filter=manufacturer.name eq x&_contained=true",
            "invalid",
            "looks at other resources",
        ),
        (
            "/Medication?_filter=_lastUpdated gt 2020&_contained=true",
            "invalid",
            "send it beside _filter",
        ),
        ("/Medication?_sort=status&_contained=true", "not-supported", "sorted by _id and"),
        (
            "/Medication?_include=Medication:manufacturer&_contained=true&_containedType=contained",
            "invalid",
            "Nothing is sent along",
        ),
        ("?_type=Medication&_contained=true", "invalid", "searched by one type"),
        ("/Patient/1/MedicationRequest?_contained=true", "invalid", "searched by one type"),
        ("/Medication?nothing=x&_contained=true", "not-supported", "nothing"),
    ],
)
def test_what_contained_resources_cannot_be_asked_is_refused(hospital, path, code, hint):
    answer = hospital.get(path)
    assert_refused(answer, 400, code)
    assert hint in answer.get_json()["issue"][0]["diagnostics"]


def test_a_condition_of_a_write_takes_no_contained_resources(hospital, made):
    answer = hospital.post("/Medication", drug("x", "x"), If_None_Exist="code=x&_contained=true")
    assert_refused(answer, 400, "not-supported")


def test_what_matches_and_contains_a_match_comes_once_and_by_pages(hospital):
    inner = [drug(each, "self") for each in "abc"]
    parts = [{"itemReference": {"reference": f"#{each['id']}"}} for each in inner]
    outer = drug("x", "self", contained=inner, ingredient=parts)
    made = f"Medication/{hospital.create(outer)['id']}"
    path = "/Medication?code=self&_contained=both"
    assert walk(hospital, path) == [[made]]
    assert walk(hospital, f"{path}&_containedType=contained&_count=1") == [
        [made],
        [f"{made}#a"],
        [f"{made}#b"],
        [f"{made}#c"],
    ]
    total = hospital.get(f"{path}&_containedType=contained&_summary=count").get_json()["total"]
    assert total == len(inner) + 1
