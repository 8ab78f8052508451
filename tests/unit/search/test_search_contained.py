"""https://hl7.org/fhir/R4/search.html#contained"""

from dataclasses import replace

import pytest
from bson import decode, encode
from tests.unit.search.conftest import NOW

from psolink.search.contained import (
    MARK,
    MAX_CONTAINED,
    containers,
    possibly_missed,
    require_inside,
)
from psolink.search.criterion import NotSupported
from psolink.search.indexes import SEARCH_INDEXES
from psolink.search.matching import meets
from psolink.store.documents import CODEC
from psolink.store.explained import explained

ASPIRIN = {
    "resourceType": "Medication",
    "id": "aspirin",
    "code": {"coding": [{"system": "urn:drugs", "code": "aspirin"}], "text": "Little helper"},
    "status": "active",
    "manufacturer": {"reference": "Organization/maker"},
}
HEPARIN = {
    "resourceType": "Medication",
    "id": "heparin",
    "code": {"coding": [{"system": "urn:drugs", "code": "heparin"}]},
    "status": "inactive",
    "identifier": [{"system": "urn:x", "value": "lot"}],
}
ANN = {
    "resourceType": "Patient",
    "id": "ann",
    "name": [{"family": "Bell"}],
    "birthDate": "1980-02-29",
    "extension": [{"url": "http://example.org/x"}],
}
ORDER = {
    "resourceType": "MedicationRequest",
    "id": "order",
    "status": "draft",
    "contained": [ASPIRIN, HEPARIN, ANN],
    "medicationReference": {"reference": "#aspirin"},
}

FOUND = [
    ("Medication", "code", "urn:drugs|aspirin"),
    ("Medication", "code", "aspirin,other"),
    ("Medication", "code:text", "help"),
    ("Medication", "code:not", "aspirin"),
    ("Medication", "identifier:missing", "true"),
    ("Medication", "identifier:missing", "false"),
    ("Medication", "manufacturer", "Organization/maker"),
    ("Medication", "_id", "heparin"),
    ("Medication", "_content", "helper"),
    ("Medication", "_filter", "code eq aspirin and not (status eq inactive)"),
    ("Patient", "name", "bel"),
    ("Patient", "name:exact", "Bell"),
    ("Patient", "birthdate", "lt1981"),
    ("Patient", "birthdate", "1980"),
]
NOT_FOUND = [
    ("Medication", "code", "urn:other|aspirin"),
    ("Medication", "status", "draft"),
    ("Medication", "code:not", "aspirin,heparin"),
    ("Medication", "manufacturer", "Organization/other"),
    ("Medication", "_id", "ann"),
    ("Medication", "_content", "bell"),
    ("Medication", "_filter", "code eq aspirin and status eq inactive"),
    ("Patient", "name", "ell"),
    ("Patient", "birthdate", "gt1980"),
    ("Device", "status:missing", "true"),
]


@pytest.fixture(scope="module")
def found(one, document, parse):
    """Return a function that tells whether a contained resource meets criteria, on a database."""
    made = document(ORDER, _id="one", updated=NOW)
    one.replace_one({"_id": "one"}, made, upsert=True)

    def found(resource_type, *pairs):
        query = containers(parse(resource_type, *pairs).filter)
        on_engine = bool(list(one.find(query)))
        assert on_engine == meets(query, made), "the database and what reads matches disagree"
        return on_engine

    yield found
    one.delete_one({"_id": "one"})


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case[0]}?{case[1]}={case[2]}")
def test_criteria_find_what_a_resource_contains(found, case):
    assert found(case[0], case[1:])


@pytest.mark.parametrize("case", NOT_FOUND, ids=lambda case: f"{case[0]}?{case[1]}={case[2]}")
def test_criteria_do_not_find_what_a_resource_does_not_contain(found, case):
    assert not found(case[0], case[1:])


def test_one_contained_resource_has_to_meet_all_criteria(found):
    assert found("Medication", ("code", "aspirin"), ("status", "active"))
    assert not found("Medication", ("code", "aspirin"), ("status", "inactive"))


def test_without_criteria_everything_that_contains_the_type_is_found(found):
    assert found("Medication")
    assert not found("Device")


@pytest.mark.parametrize(
    ("resource_type", "name", "value"),
    [
        ("MedicationRequest", "status", "active"),
        ("MedicationRequest", "code", "aspirin"),
        ("MedicationRequest", "intended-performer", "Organization/maker"),
    ],
)
def test_a_container_is_not_found_by_what_it_contains(parse, document, resource_type, name, value):
    assert not meets(parse(resource_type, (name, value)).filter, document(ORDER))


def test_what_contains_nothing_has_nothing_more_in_its_document(index_values):
    made = index_values.extract({"resourceType": "MedicationRequest", "status": "draft"})
    assert "contained" not in made
    assert len(made["token"]) == 1


def test_more_contained_resources_than_are_indexed_are_told_of(document, parse):
    many = [{"resourceType": "Medication", "id": f"m{at}"} for at in range(MAX_CONTAINED + 1)]
    made = document(ORDER | {"contained": many})
    assert len(made["contained"]) == MAX_CONTAINED
    assert meets(possibly_missed(None), made)
    assert not meets(possibly_missed(None), document(ORDER))


def test_large_contained_resources_are_indexed_as_far_as_there_is_room(document):
    names = [{"family": f"{number:06}" + "x" * 900} for number in range(150)]
    made = document(ORDER | {"contained": [ANN | {"name": names}, ANN | {"name": names}]})
    assert len(made["contained"]) == 1
    assert meets(possibly_missed(None), made)


def test_a_parameter_of_a_contained_resource_that_is_not_indexed_is_told_of(document, parse):
    many = [{"system": "urn:a", "value": str(number)} for number in range(10_001)]
    made = document(ORDER | {"contained": [HEPARIN | {"identifier": many}]})
    by_identifier = parse("Medication", ("identifier", "1")).unindexed
    by_code = parse("Medication", ("code", "heparin")).unindexed
    assert meets(possibly_missed(by_identifier), made)
    assert not meets(possibly_missed(by_code), made)


SERVED = [
    ("Medication", [("code", "urn:drugs|7")], "by_token", 1),
    ("Medication", [("code", "7"), ("status", "active")], "by_token", 1),
    ("Medication", [("code:not", "7")], "by_token", 100),
    ("Patient", [("family", "bell07")], "by_string", 10),
    ("Patient", [("birthdate", "eb1803")], "by_date", 2),
]


@pytest.fixture(scope="module")
def many(mongodb, document):
    name = "test-contained-index-use"
    collection = mongodb[name].get_collection("resources", codec_options=CODEC)
    collection.drop()
    for index in SEARCH_INDEXES:
        collection.create_index(list(index.keys), name=index.name)
    for at in range(100):
        code = {"coding": [{"system": "urn:drugs", "code": str(at)}]}
        drug = {"resourceType": "Medication", "id": "m", "code": code, "status": "active"}
        person = {"resourceType": "Patient", "id": "p", "name": [{"family": f"Bell{at:03}"}]}
        person["birthDate"] = f"{1801 + at}-01-01"
        order = ORDER | {"id": str(at), "contained": [drug, person]}
        plain = {"resourceType": "Medication", "id": f"p{at}", "code": code}
        collection.insert_many([document(each, _id=each["id"]) for each in (order, plain)])
    yield collection
    mongodb.drop_database(name)


@pytest.mark.parametrize("case", SERVED, ids=lambda case: str(case[1]))
def test_an_index_leads_to_what_contains_a_match(many, parse, parameters, case):
    resource_type, pairs, index, most = case
    types = sorted(parameters.resource_types)
    query = {"type": {"$in": types}} | containers(parse(resource_type, *pairs).filter)
    command = {"find": "resources", "filter": query}
    run = explained(many.database, decode(encode(command, codec_options=CODEC)))
    assert (run.index or "").startswith(index)
    assert 0 < run.returned <= run.documents <= most


def test_no_parameter_has_a_name_that_stands_for_something_contained(parameters):
    for each in parameters.resource_types:
        assert MARK not in parameters.for_type(each)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("manufacturer.name", "x"),
        ("_has:MedicationRequest:medication:status", "x"),
        ("_list", "1"),
        ("_filter", "manufacturer.name eq x"),
        ("_filter", "_lastUpdated gt 2020"),
        ("own", "x"),
    ],
)
def test_what_a_contained_resource_cannot_be_asked_is_refused(parameters, name, value):
    known = parameters.for_type("Medication")
    # A parameter that an organization has stored: values of it are taken from containers alone.
    own = replace(known["code"], code="own", kept_as="x1")
    with pytest.raises(NotSupported):
        require_inside({**known, "own": own}, [("code", "x"), (name, value)])
    require_inside(known, [("code", "x"), ("_filter", "code eq x"), ("_lastUpdated", "2020")])
