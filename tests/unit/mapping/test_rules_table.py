"""One case for each rule: the answers, and what stands at the rule's target."""

from typing import Any

import pytest
from tests.unit.mapping.reports import (
    EVENT_SYSTEM,
    coded,
    details,
    event_of,
    extract,
    incident,
    item,
    medications_of,
    report,
    said,
)

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper
from psolink.mapping.rules import Rule
from psolink.mapping.systems import ANSWER, LOINC, RXNORM

R4_CATEGORY = "http://terminology.hl7.org/CodeSystem/adverse-event-category"


def concept(text: str, code: str, label: str, loinc: str | None = None) -> JsonObject:
    coding = [{"system": ANSWER, "code": code, "display": label}]
    if loinc:
        coding.append({"system": LOINC, "code": loinc})
    return {"coding": coding, "text": f"{text}: {label}"}


def r4_category(code: str, display: str) -> JsonObject:
    return {"coding": [{"system": R4_CATEGORY, "code": code, "display": display}]}


def rxnorm(code: str) -> JsonObject:
    return {"system": RXNORM, "code": code}


MEDICATIONS = ("Type of medication/substance", "A1197", "Medications", "LA20271-5")
OVERDOSE = {
    "coding": [
        {"system": ANSWER, "code": "A1275", "display": "Incorrect dose(s)"},
        {"system": LOINC, "code": "LA20303-6"},
        {"system": ANSWER, "code": "A1314", "display": "Overdose"},
        {"system": LOINC, "code": "LA20277-2"},
    ],
    "text": "Incorrect action: Incorrect dose(s); Incorrect dose detail: Overdose",
}

# Sources, target, the report, and the value; in a list it is one of the entries.
CASES: dict[tuple[str, str], tuple[JsonObject, Any]] = {
    ("DE2", "AdverseEvent.identifier"): (
        incident(item("DE2", said("EV-1"))),
        {"system": EVENT_SYSTEM, "value": "EV-1"},
    ),
    ("DE30", "AdverseEvent.recordedDate"): (
        incident(item("DE30", {"valueDate": "2026-02-11"})),
        "2026-02-11",
    ),
    ("DE9, DE58", "AdverseEvent.detected"): (
        incident(item("DE9", {"valueDate": "2026-02-10"})),
        "2026-02-10",
    ),
    ("DE3", "AdverseEvent.actuality"): (report(item("DE3", coded("A6"))), "potential"),
    ("DE288, DE336", "AdverseEvent.actuality"): (
        report(item("DE288", coded("A1260"))),
        "potential",
    ),
    ("DE291", "AdverseEvent.actuality"): (report(item("DE291", coded("A585"))), "actual"),
    ("DE3", "AdverseEvent.category"): (
        report(item("DE3", coded("A9"))),
        concept("Kind of concern", "A9", "Unsafe condition"),
    ),
    ("DE21, DE270", "AdverseEvent.category"): (
        incident(item("DE21", coded("A48"), coded("A57"))),
        concept("Event category", "A57", "Perinatal"),
    ),
    ("DE270", "AdverseEvent.category"): (
        incident(item("DE270", coded("A1197"))),
        concept(*MEDICATIONS),
    ),
    ("DE273", "AdverseEvent.category"): (
        incident(item("DE273", coded("A1224"))),
        concept("Type of medication", "A1224", "Investigational drugs", "LA20299-6"),
    ),
    ("DE279", "AdverseEvent.category"): (
        incident(item("DE279", coded("A1233"))),
        concept("Type of biological product", "A1233", "Vaccines", "LA20283-0"),
    ),
    ("DE285", "AdverseEvent.category"): (
        incident(item("DE285", coded("A1245"))),
        concept("Type of nutritional product", "A1245", "Vitamins or minerals", "LA16117-6"),
    ),
    ("DE288", "AdverseEvent.category using concepts"): (
        incident(item("DE288", coded("A1260"))),
        concept("Characterization of the event", "A1260", "Unsafe condition", "LA20314-3"),
    ),
    ("DE315", "AdverseEvent.category"): (
        incident(item("DE315", coded("A1392"))),
        concept("Process stage of origin", "A1392", "Preparing", "LA20294-7"),
    ),
    ("DE288", "AdverseEvent.category using adverse-event-category"): (
        incident(item("DE288", coded("A1257"))),
        r4_category("product-use-error", "Product Use Error"),
    ),
    ("DE291", "AdverseEvent.category"): (
        incident(item("DE291", coded("A1284"))),
        r4_category("wrong-rate", "Wrong Rate"),
    ),
    ("DE291, DE294, DE297, DE300, DE303, DE312", "AdverseEvent.event"): (
        incident(item("DE294", coded("A1314")), item("DE291", coded("A1275"))),
        OVERDOSE,
    ),
    ("DE288", "AdverseEvent.event"): (
        incident(item("DE270", coded("A1197")), item("DE288", coded("A1260"))),
        concept("Characterization of the event", "A1260", "Unsafe condition", "LA20314-3"),
    ),
    ("DE270, DE273, DE279, DE285", "AdverseEvent.event"): (
        incident(item("DE21", coded("A54")), item("DE270", coded("A1197"))),
        concept(*MEDICATIONS),
    ),
    ("DE21", "AdverseEvent.event"): (
        incident(item("DE21", coded("A48"))),
        concept("Event category", "A48", "Fall"),
    ),
    ("DE328", "Medication.code.coding"): (
        incident(item("DE328", said("315266"))),
        rxnorm("315266"),
    ),
    ("DE322", "Medication.code.coding"): (
        incident(item("DE322", said("202433"))),
        rxnorm("202433"),
    ),
    ("DE319", "Medication.code.coding"): (incident(item("DE319", said("161"))), rxnorm("161")),
    ("DE318, DE321, DE327", "Medication.code.text"): (
        incident(item("DE327", said("5 mg")), item("DE321", said("B")), item("DE318", said("G"))),
        "G, B, 5 mg",
    ),
    ("DE319", "Medication.ingredient.itemCodeableConcept"): (
        incident(item("DE319", said("161"))),
        {"coding": [rxnorm("161")]},
    ),
    ("DE276", "Medication.ingredient.itemCodeableConcept"): (
        incident(item("DE276", said("Base cream"), said("Menthol"))),
        {"text": "Menthol"},
    ),
    ("DE331", "Medication.form.coding"): (
        incident(item("DE331", said("317541"))),
        rxnorm("317541"),
    ),
    ("DE330", "Medication.form.text"): (incident(item("DE330", said("Tablet"))), "Tablet"),
    ("DE324", "Medication.manufacturer"): (
        incident(details(item("DE324", said("Example Pharmaceuticals")))),
        {"display": "Example Pharmaceuticals"},
    ),
    ("DE282", "Medication.batch.lotNumber"): (incident(item("DE282", said("L-7"))), "L-7"),
    ("DE306", "Medication.batch.expirationDate"): (
        incident(item("DE306", {"valueDate": "2026-01"})),
        "2026-01",
    ),
}


def rules_of(mapper: Mapper) -> list[Rule]:
    return [rule for rules in mapper.library.rule_sets for rule in rules.rules]


def key_of(rule: Rule, mapper: Mapper) -> tuple[str, str]:
    """Sources and target of a rule, and the function where they alone do not tell."""
    key = (", ".join(rule.sources), rule.target.path)
    alike = [
        each
        for each in rules_of(mapper)
        if (each.sources, each.target) == (rule.sources, rule.target)
    ]
    return key if len(alike) == 1 else (key[0], f"{key[1]} using {rule.function.name}")


def values_at(resource: JsonObject, path: str) -> list[Any]:
    found: list[Any] = [resource]
    for name in path.split(".")[1:]:
        inner = [each[name] for each in found if name in each]
        found = [
            each for value in inner for each in (value if isinstance(value, list) else [value])
        ]
    return found


def test_every_rule_has_a_case(mapper: Mapper):
    assert {key_of(rule, mapper) for rule in rules_of(mapper)} == CASES.keys()


@pytest.mark.parametrize("key", [pytest.param(key, id=" to ".join(key)) for key in CASES])
def test_a_rule_puts_its_answers_where_it_says(key: tuple[str, str], mapper: Mapper):
    response, value = CASES[key]
    path = key[1].partition(" using ")[0]
    resources = [event_of(mapper, response), *medications_of(mapper, response)]
    chosen = [each for each in resources if each["resourceType"] == path.partition(".")[0]]
    assert value in [found for each in chosen for found in values_at(each, path)]


@pytest.mark.parametrize("key", [pytest.param(key, id=" to ".join(key)) for key in CASES])
def test_a_rule_is_named_by_the_answers_that_it_maps(key: tuple[str, str], mapper: Mapper):
    (rule,) = [each for each in rules_of(mapper) if key_of(each, mapper) == key]
    mapped = extract(mapper, CASES[key][0]).mapped
    assert any(rule.name in each.rules for each in mapped if each.link_id in rule.sources)
