"""Which index a criterion reads, and how little of the collection."""

from decimal import Decimal

import pytest
from bson import decode, encode
from pymongo.collection import Collection

from psolink.search.indexes import SEARCH_INDEXES
from psolink.store.documents import CODEC
from psolink.store.explained import Explained, explained

NUMBER = 300
UCUM = "http://unitsofmeasure.org"


def observation(number: int) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "id": str(number),
        "identifier": [{"system": "urn:n", "value": f"n{number}", "type": {"text": "Numbered"}}],
        "code": {"coding": [{"system": "urn:c", "code": "c1", "display": f"Observed {number}"}]},
        "subject": {"reference": f"Patient/{number}", "identifier": {"value": f"p{number}"}},
        "device": {"reference": f"https://other.example/Device/{number}"},
        "effectiveDateTime": f"{1800 + number}-03-10",
        "valueQuantity": {"value": Decimal(number), "system": UCUM, "code": "mg"},
        "note": [{"text": f"word{number}"}],
        "meta": {"profile": [f"http://example.org/p/{number}"]},
    }


def patient(number: int) -> dict[str, object]:
    name = {"family": f"Müller{number:03}"}
    return {"resourceType": "Patient", "id": f"p{number}", "name": [name]}


@pytest.fixture(scope="module")
def many(mongodb, document):
    name = "test-index-use"
    collection = mongodb[name].get_collection("resources", codec_options=CODEC)
    collection.drop()
    for index in SEARCH_INDEXES:
        collection.create_index(list(index.keys), name=index.name)
    made = [make(number) for make in (observation, patient) for number in range(NUMBER)]
    collection.insert_many([document(each, _id=each["id"]) for each in made])
    yield collection
    mongodb.drop_database(name)


def examined(collection: Collection[dict[str, object]], query: object) -> Explained:
    command = {"find": "resources", "filter": query}
    return explained(collection.database, decode(encode(command, codec_options=CODEC)))


# A criterion of one type, the index that serves it, and the most documents that it looks at.
SERVED = [
    ("Observation", "identifier", "urn:n|n7", "by_token", 1),
    ("Observation", "identifier", "n7,n8,n9", "by_token", 3),
    ("Observation", "identifier:of-type", "urn:t|x|n7", "by_token", 1),
    ("Observation", "subject:identifier", "p7", "by_token", 1),
    ("Observation", "subject", "Patient/7", "by_reference", 1),
    ("Observation", "subject", "7", "by_reference", 1),
    ("Observation", "subject:Patient", "7", "by_reference", 1),
    ("Observation", "device", "https://other.example/Device/7", "by_reference", 1),
    ("Observation", "date", "1807-03-10", "by_date", 8),
    ("Observation", "date", "lt1803", "by_date", 3),
    ("Observation", "date", "gt2097", "by_date", 3),
    ("Observation", "date", "ge2097-03-10", "by_date", 3),
    ("Observation", "date", "sa2097-03-10", "by_date", 2),
    ("Observation", "date", "eb1803-03-10", "by_date", 3),
    ("Observation", "_profile", "http://example.org/p/7", "by_uri", 1),
    ("Observation", "_profile:below", "http://example.org/p/7", "by_uri", 12),
    ("Observation", "_profile:above", "http://example.org/p/7/8", "by_uri", 1),
    ("Observation", "value-quantity", "7", "by_quantity", 2),
    ("Observation", "value-quantity", f"7|{UCUM}|mg", "by_quantity", 10),
    ("Observation", "value-quantity", f"gt0.297|{UCUM}|g", "by_quantity", 300),
    ("Observation", "value-quantity", "gt297", "by_quantity", 2),
    ("Observation", "value-quantity", "le2||mg", "by_quantity", 300),
    ("Observation", "value-quantity", "5,100", "by_quantity", 4),
    ("Observation", "value-quantity", "ap100", "by_quantity", 300),
    ("Observation", "date", "1803,2050-03-10", "by_date", 300),
    ("Patient", "family", "muller007", "by_string", 1),
    ("Patient", "family", "MÜLLER00", "by_string", 10),
    ("Patient", "family", "muller007,muller299", "by_string", 2),
    ("Patient", "family:exact", "Müller007", "by_string", 1),
]


@pytest.mark.parametrize("case", SERVED, ids=lambda case: f"{case[1]}={case[2]}")
def test_an_index_leads_to_what_a_criterion_finds(many, parse, case):
    resource_type, name, value, index, most = case
    query = parse(resource_type, (name, value)).filter
    run = examined(many, query)
    assert (run.index or "").startswith(index)
    assert run.documents <= most
    assert run.returned == many.count_documents(query)


# What the entries of one parameter are looked through for: as many documents as have it.
LOOKED_THROUGH = [
    ("Observation", "code:text", "observed 7", "by_token"),
    ("Patient", "family:contains", "ller00", "by_string"),
]


@pytest.mark.parametrize("case", LOOKED_THROUGH, ids=lambda case: case[1])
def test_what_is_in_the_middle_of_a_text_is_looked_for_in_its_parameter_alone(many, parse, case):
    resource_type, name, value, index = case
    run = examined(many, parse(resource_type, (name, value)).filter)
    assert (run.index or "").startswith(index)
    assert run.documents <= NUMBER


def test_there_are_no_more_indexes_than_a_collection_may_have():
    assert len(SEARCH_INDEXES) <= 32
    for index in SEARCH_INDEXES:
        arrays = {path.partition(".")[0] for path, _ in index.keys if path.count(".") == 1}
        assert len(arrays) <= 1, "an index passes one array"
