"""fhir.resources (R4B) as a second opinion: each disagreement is in second_opinion.yaml, reviewed.

It judges our examples, generated resources of all types, and both halves of every case.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError
from tests.unit.validation.casebook import all_cases
from tests.unit.validation.test_cases import judge_json
from tests.unit.validation.test_mutations import SOUND, TYPES, is_accepted

from psolink.fhir_json import JsonObject

TABLE = yaml.safe_load((Path(__file__).parent / "second_opinion.yaml").read_text())
UNKNOWN = frozenset(TABLE["unknown_types"]["types"])
CASES = [
    case
    for case in all_cases()
    if case.resources and case.resources[0]["resourceType"] not in UNKNOWN
]


def stumbles(resource: JsonObject) -> list[str]:
    """Return the properties that the other one has something against; none where it accepts."""
    model = get_fhir_model_class(resource["resourceType"])
    try:
        model.model_validate_json(json.dumps(resource, default=float))
    except ValidationError as error:
        names = [str(each["loc"][-1]) if each["loc"] else "" for each in error.errors()]
        return ["_value[x]" if name.startswith("_value") else name for name in names]
    except (AttributeError, KeyError, ValueError):
        # So it answers to a resource inside another one whose type it does not know.
        return ["resourceType"]
    return []


def refusals() -> Iterator[tuple[str, list[str]]]:
    """Yield what is sound and refused: its type, and where that one stumbles."""
    for resource in SOUND:
        name = resource["resourceType"]
        if name not in UNKNOWN and (found := stumbles(resource)):
            yield name, found


def acceptances() -> Iterator[tuple[str, str, str]]:
    """Yield what is forbidden and accepted: the case, our code and what we say."""
    for case in CASES:
        if case.expected.severity == "error" and not stumbles(case.resources[1]):  # type: ignore[index]
            issue = judge_json(case.invalid)[0]
            yield str(case), str(issue.code), issue.diagnostics


@cache
def refused() -> list[tuple[str, list[str]]]:
    return list(refusals())


@cache
def accepted() -> list[tuple[str, str, str]]:
    return list(acceptances())


def explains_refusal(row: JsonObject, name: str, found: list[str]) -> bool:
    return name in row.get("types", ()) or row.get("property") in found


def is_explained(name: str, found: list[str]) -> bool:
    """Tell whether the type is, or each property that it stumbles on."""
    explained = {row.get("property") for row in TABLE["they_refuse"]}
    by_type = any(name in row.get("types", ()) for row in TABLE["they_refuse"])
    return by_type or {*found} <= explained


def explains_acceptance(row: JsonObject, code: str, said: str) -> bool:
    return row["code"] == code and re.search(row["says"], said) is not None


def test_it_is_asked_about_every_type_that_both_know():
    for name in TYPES:
        if name in UNKNOWN:
            with pytest.raises(ValueError, match=name):
                get_fhir_model_class(name)
    assert {each["resourceType"] for each in SOUND} - UNKNOWN == {*TYPES} - UNKNOWN
    assert len(CASES) > 450


def test_what_is_sound_and_refused_there_is_explained():
    assert [each for each in refused() if not is_explained(*each)] == []


def test_what_is_forbidden_and_accepted_there_is_explained_once():
    rows = TABLE["they_accept"]
    unexplained = [
        (case, code, said)
        for case, code, said in accepted()
        if sum(explains_acceptance(row, code, said) for row in rows) != 1
    ]
    assert unexplained == []


@pytest.mark.parametrize("row", TABLE["they_refuse"], ids=lambda row: str(row["reason"]))
def test_each_reason_for_a_refusal_is_needed(row: JsonObject):
    assert any(explains_refusal(row, *each) for each in refused())


@pytest.mark.parametrize("row", TABLE["they_accept"], ids=lambda row: str(row["reason"]))
def test_each_reason_for_an_acceptance_is_needed(row: JsonObject):
    assert any(explains_acceptance(row, code, said) for _, code, said in accepted())


def test_both_agree_on_most_that_is_sound():
    asked = [each for each in SOUND if each["resourceType"] not in UNKNOWN]
    assert all(map(is_accepted, asked))
    assert len(refused()) < len(asked) / 8
