"""How terminology is taken from the package: facts stay, texts go, joined codes come apart."""

import pytest

from psolink.definitions import load_labels
from psolink.definitions.terminologies import read_terminology

URL = "http://hl7.org/fhir/CodeSystem/colours"


def test_the_texts_of_a_code_system_are_left_out():
    concept = {"code": "red", "display": "Red", "definition": "As blood.", "designation": []}
    system = {"resourceType": "CodeSystem", "id": "colours", "url": URL, "content": "complete"}
    texts = {"text": {"status": "empty"}, "description": "Colours.", "extension": [{}]}
    (row,) = read_terminology([system | texts | {"concept": [concept]}], "CodeSystem")
    concepts = [{"code": "red", "display": "Red"}]
    assert row == (
        URL,
        {"id": "colours", "url": URL, "content": "complete", "concept": concepts},
    )


def test_rows_are_in_the_order_of_their_urls():
    systems = [{"resourceType": "CodeSystem", "id": i, "url": f"{URL}/{i}"} for i in ("b", "a")]
    assert [key for key, _ in read_terminology(systems, "CodeSystem")] == [f"{URL}/a", f"{URL}/b"]


def test_a_naming_system_is_known_by_its_id():
    found = read_terminology([{"resourceType": "NamingSystem", "id": "mrn"}], "NamingSystem")
    assert found == [("mrn", {"id": "mrn"})]


def test_examples_are_left_out():
    example = {"resourceType": "ValueSet", "id": "inactive"}
    url = "http://hl7.org/fhir/ValueSet/inactive"
    assert read_terminology([example | {"url": url}], "ValueSet") == []


@pytest.mark.parametrize("joined", ["red,blue", "red, blue"])
def test_codes_that_a_concept_map_joins_come_apart(joined):
    target = [{"code": "c", "equivalence": "wider"}]
    concept_map = {"resourceType": "ConceptMap", "id": "m", "url": f"{URL}/m"}
    group = {"element": [{"code": joined, "target": target}]}
    ((_, row),) = read_terminology([concept_map | {"group": [group]}], "ConceptMap")
    assert row["group"][0]["element"] == [
        {"code": "red", "target": target},
        {"code": "blue", "target": target},
    ]


def test_an_element_has_the_label_of_its_own_type_or_of_its_base(definitions):
    labels = load_labels()
    assert labels.elements["Observation"] == "Measurements and simple assertions"
    assert labels.elements["Resource.id"] == "Logical id of this artifact"
    assert "Observation.id" not in labels.elements
    assert labels.statuses.keys() == {
        name for name, each in definitions.types.items() if each.kind != "backbone"
    }


def test_every_invariant_is_also_said_in_words(definitions):
    labels = load_labels()
    types = definitions.types.values()
    rules = {rule.expression for each in types for rule in each.invariants}
    rules |= {r.expression for t in types for e in t.elements.values() for r in e.invariants}
    assert not rules - labels.invariants.keys()
