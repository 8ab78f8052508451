"""Several medications, and which answers belong to which."""

import pytest
from tests.unit.mapping.reports import (
    coded,
    details,
    extract,
    group,
    incident,
    item,
    kept_reason,
    medications_of,
    said,
    warnings,
)

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper


def named(*names: str) -> list[JsonObject]:
    return [details(item("DE318", said(name))) for name in names]


def texts(medications: list[JsonObject]) -> list[str]:
    return [each["code"]["text"] for each in medications]


def test_each_group_item_is_a_medication(mapper: Mapper):
    extraction = extract(mapper, incident(*named("A", "B")))
    event, *medications, _ = extraction.resources
    assert texts([resource for _, resource in medications]) == ["A", "B"]
    referred = [each["instance"]["reference"] for each in event[1]["suspectEntity"]]
    assert referred == [url for url, _ in medications]


def test_a_group_is_known_by_its_loinc_path(mapper: Mapper):
    groups = [group("74080-3/74078-7", item("DE318", said(name))) for name in ("A", "B")]
    assert texts(medications_of(mapper, incident(*groups))) == ["A", "B"]


def test_answers_of_two_groups_are_never_joined(mapper: Mapper):
    groups = [details(item("DE318", said("A"))), details(item("DE319", said("161")))]
    first, second = medications_of(mapper, incident(*groups))
    assert first["code"] == {"text": "A"}
    assert "text" not in second["code"]


def test_a_group_that_cannot_be_read_makes_no_medication(mapper: Mapper):
    assert medications_of(mapper, incident(details(item("DE319", said("unknown"))))) == []


def test_a_group_without_anything_for_a_medication_makes_none(mapper: Mapper):
    extraction = extract(mapper, incident(details(item("DE336", coded("A15"))), *named("A")))
    assert [each["resourceType"] for _, each in extraction.resources] == [
        "AdverseEvent",
        "Medication",
        "Provenance",
    ]


def test_without_groups_a_question_that_comes_again_begins_the_next(mapper: Mapper):
    flat = [
        item("DE318", said("A")),
        item("DE318", said("B")),
        item("DE319", said("161")),
        item("DE318", said("C")),
    ]
    extraction = extract(mapper, incident(*flat))
    medications = [each for _, each in extraction.resources if "code" in each]
    assert texts(medications) == ["A", "B", "C"]
    assert ["coding" in each["code"] for each in medications] == [False, True, False]
    assert "by their order" in warnings(extraction)[0].diagnostics


def test_several_answers_in_one_item_are_about_one_medication(mapper: Mapper):
    extraction = extract(mapper, incident(item("DE318", said("A"), said("B"))))
    assert texts([each for _, each in extraction.resources if "code" in each]) == ["A, B"]
    assert "at most 1" in warnings(extraction)[0].diagnostics


@pytest.mark.parametrize(("count", "warned"), [(5, 0), (6, 1)], ids=["five", "six"])
def test_more_medications_than_the_form_has_are_mapped_with_a_warning(
    count: int, warned: int, mapper: Mapper
):
    extraction = extract(mapper, incident(*named(*"ABCDEF"[:count])))
    assert len(extraction.resources) == count + 2
    assert len(warnings(extraction)) == warned


def test_what_is_asked_once_belongs_to_the_only_medication(mapper: Mapper):
    response = incident(item("DE282", said("L-7")), *named("A"))
    assert [each["batch"] for each in medications_of(mapper, response)] == [{"lotNumber": "L-7"}]


def test_what_is_asked_once_is_kept_with_several_medications(mapper: Mapper):
    extraction = extract(mapper, incident(item("DE282", said("L-7")), *named("A", "B")))
    assert not any("batch" in each for _, each in extraction.resources)
    assert "which of its 2" in kept_reason(extraction, "DE282")


def test_a_compounded_preparation_is_one_medication(mapper: Mapper):
    (medication,) = medications_of(
        mapper, incident(item("DE276", said("Base cream")), item("DE276", said("Menthol")))
    )
    assert [each["itemCodeableConcept"]["text"] for each in medication["ingredient"]] == [
        "Base cream",
        "Menthol",
    ]


def test_a_flood_of_answers_is_kept_beyond_a_hundred(mapper: Mapper):
    answers = [said(f"Ingredient {number}") for number in range(150)]
    extraction = extract(mapper, incident(item("DE276", *answers)))
    assert len(extraction.unmapped) == 50
    assert len(extraction.mapped) == 101


def test_a_flood_of_medications_is_kept_beyond_a_hundred(mapper: Mapper):
    extraction = extract(mapper, incident(*named(*map(str, range(150)))))
    assert len(extraction.resources) == 102
    assert len(extraction.unmapped) == 50
    assert "at most 100" in extraction.unmapped[0].reason
