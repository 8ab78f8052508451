"""Invariants: which are judged, where, and how; what each demands is in the cases."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode, Severity
from psolink.validation import Validator
from psolink.validation.constraint import read_texts
from psolink.validation.contained import are_all_referred_to

SMALLEST: dict[str, JsonObject] = yaml.safe_load(
    (Path(__file__).parent / "invariants" / "sound.yaml").read_text()
)


# What the structure says in its own words.
OF_STRUCTURE = {"ele-1", "ext-1", "ref-1", "txt-1", "txt-2"}


def test_every_rule_of_r4_has_a_text_and_every_text_a_rule():
    types = load_definitions().types.values()
    rules = [rule for each in types for rule in each.invariants]
    rules += [
        rule for each in types for element in each.elements.values() for rule in element.invariants
    ]
    keys = {rule.key for rule in rules}
    assert {text.rpartition("/")[2] for text in read_texts()} == keys - OF_STRUCTURE


def test_every_text_says_what_is_wrong_and_how_to_mend_it():
    for text in read_texts().values():
        assert text.endswith(".")
        assert "; " in text


def test_every_invariant_of_r4_compiles():
    definitions = load_definitions()
    validator = Validator(definitions, best_practice=True)
    for name in definitions.resource_types:
        for issue in validator.validate({"resourceType": name, "id": "a"}):
            assert issue.code is not IssueCode.PROCESSING


def test_best_practice_is_a_warning_for_those_who_ask():
    demanding = Validator(load_definitions(), best_practice=True)
    (issue,) = demanding.validate({"resourceType": "Patient", "active": True})
    assert (issue.severity, "dom-6" in issue.diagnostics) == (Severity.WARNING, True)


def test_a_warning_of_r4_stays_a_warning(validator):
    value_set = {"resourceType": "ValueSet", "status": "draft", "name": "not for programs"}
    (issue,) = validator.validate(value_set)
    assert (issue.severity, issue.is_error) == (Severity.WARNING, False)


def test_a_broken_structure_is_not_judged_and_a_sound_part_beside_it_is(validator):
    patient = {
        "resourceType": "Patient",
        "contact": [{"gender": 5}, {"gender": "male"}],
        "telecom": [{"value": "5"}],
    }
    found = {(issue.code, issue.expression) for issue in validator.validate(patient)}
    assert found == {
        ("value", "Patient.contact[0].gender"),
        ("invariant", "Patient.contact[1]"),
        ("invariant", "Patient.telecom[0]"),
    }


def test_a_rule_that_cannot_be_judged_is_a_warning(validator):
    repeat = {"when": ["AC", "PC"], "offset": 5}
    request = {"resourceType": "MedicationRequest"} | SMALLEST["MedicationRequest"]
    issues = validator.validate(request | {"dosageInstruction": [{"timing": {"repeat": repeat}}]})
    assert [(each.code, each.severity) for each in issues] == [
        (IssueCode.PROCESSING, Severity.WARNING)
    ]


def test_the_resource_of_a_rule_is_the_contained_one(validator):
    inner: dict[str, Any] = {
        "resourceType": "Observation",
        "id": "a",
        "status": "final",
        "code": {"coding": [{"code": "x"}]},
        "valueString": "a",
        "component": [{"code": {"coding": [{"code": "x"}]}}],
    }
    outer = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"code": "y"}]},
        "contained": [inner],
        "derivedFrom": [{"reference": "#a"}],
    }
    (issue,) = validator.validate(outer)
    assert (issue.expression, "obs-7" in issue.diagnostics) == ("Observation.contained[0]", True)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"contained": [{"id": "a"}], "subject": {"reference": "#a"}}, True),
        ({"contained": [{"id": "a", "subject": {"reference": "#"}}]}, True),
        ({"contained": [{"id": "a"}, {"id": "b"}], "x": [{"reference": "#a"}]}, False),
        ({"contained": [{"id": "a"}], "note": "#a"}, False),
        ({}, False),
    ],
)
def test_plain_references_to_contained_resources_are_found(resource: JsonObject, expected: bool):
    assert are_all_referred_to(resource) is expected
