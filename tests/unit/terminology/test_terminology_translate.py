"""$translate: https://hl7.org/fhir/R4/conceptmap-operation-translate.html."""

import pytest

from psolink.fhir_json import JsonObject
from psolink.terminology import Coding, UnknownTerminology, Wanted

from .conftest import ANIMALS, COLOURS

FORMATS = "https://psolink.example/fhir/CodeSystem/common-formats-answer"
ACTUALITY = "https://psolink.example/fhir/ConceptMap/common-formats-actuality"
MAP = "urn:map"


def concept_map(canonical: str = MAP, **unmapped: str) -> JsonObject:
    wider = {"code": "Cat", "display": "Cat", "equivalence": "wider"}
    element = [
        {
            "code": "red",
            "display": "Red",
            "target": [wider, {"code": "Bat", "equivalence": "equal"}],
        },
        {"code": "blue", "target": [{"equivalence": "unmatched"}]},
        {"code": "navy"},
    ]
    group: JsonObject = {"source": COLOURS, "target": ANIMALS, "element": element}
    return {
        "resourceType": "ConceptMap",
        "url": canonical,
        "status": "active",
        "sourceUri": "urn:colour-set",
        "targetCanonical": "urn:animal-set",
        "group": [group | ({"unmapped": unmapped} if unmapped else {})],
    }


def matches(result: JsonObject) -> list[tuple[str, str | None]]:
    found = []
    for each in result["parameter"]:
        if each["name"] == "match":
            values = {part["name"]: part for part in each["part"]}
            code = values.get("concept", {}).get("valueCoding", {}).get("code")
            found.append((values["equivalence"]["valueCode"], code))
    return found


@pytest.mark.parametrize(
    ("code", "result", "expected"),
    [
        ("red", True, [("wider", "Cat"), ("equal", "Bat")]),
        ("blue", False, [("unmatched", None)]),
        ("navy", False, []),
        ("green", False, []),
    ],
)
def test_a_code_becomes_what_the_map_says(world, code, result, expected):
    found = world(concept_map()).translate([Coding(code, COLOURS)], concept_map=MAP)
    assert found["parameter"][0] == {"name": "result", "valueBoolean": result}
    assert matches(found) == expected


def test_a_match_has_the_whole_coding_and_its_map(world):
    found = world(concept_map()).translate([Coding("red", COLOURS)], concept_map=MAP)
    assert found["parameter"][1]["part"][1:] == [
        {"name": "concept", "valueCoding": {"system": ANIMALS, "code": "Cat", "display": "Cat"}},
        {"name": "source", "valueUri": MAP},
    ]


@pytest.mark.parametrize(
    ("unmapped", "expected"),
    [
        ({"mode": "provided"}, [("equal", "green")]),
        ({"mode": "fixed", "code": "Bat"}, [("inexact", "Bat")]),
        ({"mode": "other-map", "url": "urn:next"}, [("inexact", "Cat")]),
        ({"mode": "other-map", "url": MAP}, []),
        ({"mode": "other-map", "url": "urn:missing"}, []),
    ],
)
def test_a_code_without_an_element_becomes_what_the_group_says(world, unmapped, expected):
    further = concept_map("urn:next", mode="fixed", code="Cat")
    terminology = world(concept_map(**unmapped), further)
    found = terminology.translate([Coding("green", COLOURS)], concept_map=MAP)
    assert matches(found) == expected


@pytest.mark.parametrize(
    ("code", "expected"), [("Cat", [("narrower", "red")]), ("Bat", [("equal", "red")]), ("Dog", [])]
)
def test_a_map_can_be_gone_backwards(world, code, expected):
    wanted = Wanted(is_reverse=True)
    found = world(concept_map()).translate([Coding(code, ANIMALS)], concept_map=MAP, wanted=wanted)
    assert matches(found) == expected


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        (Wanted(), True),
        (Wanted(source_set="urn:colour-set"), True),
        (Wanted(source_set="urn:animal-set"), False),
        (Wanted(target_set="urn:animal-set"), True),
        (Wanted(target_set="urn:colour-set"), False),
        (Wanted(target_system=ANIMALS), True),
        (Wanted(target_system=COLOURS), False),
    ],
)
def test_a_map_is_chosen_by_what_it_leads_from_and_to(world, wanted, is_found):
    found = world(concept_map()).translate([Coding("red", COLOURS)], wanted=wanted)
    assert bool(matches(found)) == is_found


def test_the_ends_of_a_map_change_places_when_it_is_gone_backwards(world):
    wanted = Wanted(source_set="urn:animal-set", target_set="urn:colour-set", is_reverse=True)
    found = world(concept_map()).translate([Coding("Bat", ANIMALS)], wanted=wanted)
    assert matches(found) == [("equal", "red")]


def test_a_map_of_another_system_does_not_apply(world):
    assert not matches(world(concept_map()).translate([Coding("red", ANIMALS)], concept_map=MAP))


def test_a_map_that_is_not_held_is_refused(shipped):
    with pytest.raises(UnknownTerminology, match="urn:missing"):
        shipped.translate([Coding("red", COLOURS)], concept_map="urn:missing")


@pytest.mark.parametrize(
    ("canonical", "coding", "expected"),
    [
        (ACTUALITY, Coding("A3", FORMATS), [("equivalent", "actual")]),
        (ACTUALITY, Coding("A9", FORMATS), [("wider", "potential")]),
        (
            "http://hl7.org/fhir/ConceptMap/sc-research-study-status",
            Coding("closed-to-accrual", "http://hl7.org/fhir/research-study-status"),
            [("equivalent", "active")],
        ),
    ],
)
def test_maps_that_ship_are_gone_by(shipped, canonical, coding, expected):
    assert matches(shipped.translate([coding], concept_map=canonical)) == expected
