"""The filters on a database: it finds what the matcher of these tests finds."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from psolink.search.indexes import SEARCH_INDEXES
from psolink.search.matching import meets
from psolink.store.documents import CODEC

RESOURCES = [
    {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": ["final", "amended", "preliminary"][number % 3],
        "code": {"coding": [{"system": f"urn:{number % 2}", "code": str(number % 4)}]},
        "subject": {"reference": f"{['Patient', 'Group'][number % 2]}/{number % 5}"},
        "effectivePeriod": {"start": f"2024-0{1 + number % 6}", "end": f"2024-0{3 + number % 6}"},
        "valueQuantity": {
            "value": Decimal(number) / 4,
            "system": "http://unitsofmeasure.org",
            "code": ["mg", "g"][number % 2],
        },
    }
    for number in range(40)
] + [
    {
        "resourceType": "Patient",
        "id": f"p{number}",
        "name": [{"family": name, "given": ["Ann", f"{name}son"]}],
        "managingOrganization": {"reference": f"urn:uuid:{number}"},
    }
    for number, name in enumerate(["Bell", "Belmont", "Müller", "O'Brien", "Zed", "Łódź", "Ωmega"])
]
QUERIES = [
    ("Observation", [("status", "final")]),
    ("Observation", [("status", "final,amended"), ("code", "urn:0|2")]),
    ("Observation", [("code", "urn:0|2,urn:1|3,1")]),
    ("Observation", [("code", "urn:1|")]),
    ("Observation", [("subject", "1")]),
    ("Observation", [("subject", "Patient/2,Group/1")]),
    ("Observation", [("subject", "2"), ("patient", "2")]),
    ("Observation", [("_id", "o1,o2,p1")]),
    ("Observation", [("_lastUpdated", "ge2024-01-20"), ("_lastUpdated", "lt2024-01-25")]),
    ("Observation", [("_lastUpdated", "ne2024-01-20,2024-01-20")]),
    *(("Observation", [("date", f"{prefix}2024-04")]) for prefix in ("ne", "gt", "lt", "ge")),
    *(("Observation", [("date", f"{prefix}2024-04")]) for prefix in ("le", "sa", "eb", "ap")),
    ("Observation", [("date", "2024")]),
    ("Observation", [("date", "ge2024-03"), ("date", "lt2024-05"), ("status", "final")]),
    ("Observation", [("date", "eq2024,sa2024-06")]),
    *(("Observation", [("value-quantity", f"{prefix}5")]) for prefix in ("", "ne", "gt", "lt")),
    *(("Observation", [("value-quantity", f"{prefix}5||g")]) for prefix in ("ge", "le", "sa")),
    ("Observation", [("value-quantity", "eb5|http://unitsofmeasure.org|mg")]),
    ("Observation", [("value-quantity", "0.005|http://unitsofmeasure.org|g")]),
    ("Observation", [("value-quantity", "ap5,lt2")]),
    ("Observation", [("code-value-quantity", "2$gt3||mg")]),
    ("Observation", [("status:not", "final,amended")]),
    ("Observation", [("value-quantity:missing", "false")]),
    ("Patient", [("family:exact", "Bell,Zed")]),
    ("Patient", [("family:contains", "el")]),
    ("Patient", [("family", "bel")]),
    ("Patient", [("family", "bel,ω")]),
    ("Patient", [("given", "ann"), ("given", "mullers")]),
    ("Patient", [("name", "obrien")]),
    ("Patient", [("organization", "urn:uuid:3")]),
    ("Patient", []),
]


@pytest.fixture
def collection(mongodb, database):
    found = mongodb[database].get_collection("resources", codec_options=CODEC)
    for index in SEARCH_INDEXES:
        found.create_index(list(index.keys), name=index.name)
    return found


@pytest.fixture
def documents(collection, document):
    made = [
        document(each, _id=each["id"], updated=datetime(2024, 1, 1 + number % 31, tzinfo=UTC))
        for number, each in enumerate(RESOURCES)
    ]
    collection.insert_many(made)
    return made


def test_a_database_finds_what_the_criteria_mean(collection, documents, parse, matcher):
    for resource_type, pairs in QUERIES:
        query = parse(resource_type, *pairs).filter
        expected = {each["_id"] for each in documents if matcher(query, each)}
        assert {each["_id"] for each in collection.find(query)} == expected, pairs
        assert {each["_id"] for each in documents if meets(query, each)} == expected, pairs
        assert expected, f"{pairs} finds nothing, which proves nothing"


def test_every_array_that_is_indexed_is_one_that_values_are_kept_in(document):
    paths = {path for index in SEARCH_INDEXES for path, _ in index.keys if "." in path}
    made = [document(each) for each in RESOURCES]
    made.append(document({"resourceType": "Patient", "meta": {"source": "urn:x"}}))
    kept = {
        f"{array}.{name}"
        for each in made
        for array, values in each.items()
        # Words are looked through, not looked up: an index would double the work of a write. What
        # a resource refers to is an array of plain texts, which the store indexes.
        if isinstance(values, list) and array not in ("words", "refers", "holders")
        for value in values
        for name in value
    }
    # The system of a token and the type of a reference tell few documents apart.
    kept |= {
        f"sort.{code}.{direction}"
        for each in made
        for code, values in each.get("sort", {}).items()
        for direction in values
    }
    assert paths <= kept
    assert {path.partition(".")[0] for path in kept} == {path.partition(".")[0] for path in paths}
