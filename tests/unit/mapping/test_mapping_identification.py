"""Which element an item is, in the forms that senders use."""

import pytest
from tests.unit.mapping.reports import event_of, extract, incident, item, kept_reason, said

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper
from psolink.mapping.systems import LOINC

EVENT_ID = said("EV-1")


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"linkId": "DE2"}, id="the id of the data element"),
        pytest.param({"linkId": "74081-1"}, id="its LOINC code"),
        pytest.param({"linkId": "74080-3/74081-1"}, id="a path from the panel"),
        pytest.param({"linkId": "Medication/74081-1"}, id="a path from a word"),
        pytest.param({"linkId": "/74080-3/74081-1/"}, id="a path with slashes at its ends"),
        pytest.param({"linkId": "HERF/DE2"}, id="a path to a data element"),
        pytest.param(
            {"linkId": "q1", "definition": "https://sender.example/form#DE2"}, id="the definition"
        ),
        pytest.param(
            {"linkId": "q1", "code": [{"system": LOINC, "code": "74081-1"}]}, id="the code"
        ),
    ],
)
def test_an_item_is_known_by(named: JsonObject, mapper: Mapper):
    event = event_of(mapper, incident(named | {"answer": [EVENT_ID]}))
    assert event["identifier"]["value"] == "EV-1"


@pytest.mark.parametrize(
    "link_id",
    [
        pytest.param("DE2/other", id="a known word that is not the last"),
        pytest.param("DE9999", id="an id that is not established"),
        pytest.param("de2", id="another case"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_item_is_not_guessed_from(link_id: str, mapper: Mapper):
    extraction = extract(mapper, incident(item(link_id, EVENT_ID)))
    assert "identifier" not in extraction.resources[0][1]
    assert "no element" in kept_reason(extraction, link_id)


def test_a_loinc_code_of_two_elements_is_not_guessed(mapper: Mapper):
    extraction = extract(mapper, incident(item("74495-3/54125-0", said("Test Patient"))))
    assert "DE46 and DE34" in kept_reason(extraction, "74495-3/54125-0")


def test_an_answer_on_a_group_is_kept(mapper: Mapper):
    extraction = extract(mapper, incident(item("74078-7", said("Morphine"))))
    assert "no element" in kept_reason(extraction, "74078-7")


def test_items_are_found_at_any_depth(mapper: Mapper):
    inner = item("DE2", EVENT_ID)
    for level in range(2000):
        inner = {"linkId": f"level-{level}", "item": [inner]}
    assert event_of(mapper, incident(inner))["identifier"]["value"] == "EV-1"
