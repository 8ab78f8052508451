"""The cases under cases/: pairs of a sound resource and the same with one fault.

A case names a sound resource (`in`), a place in it (`at`), and what to put there, `valid` or
`invalid`; where a value is not given the place is taken out. `without` is taken out of both.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from fhir.resources.R4B import get_fhir_model_class

from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse
from psolink.validation import Validator

CASES = Path(__file__).parent / "cases"


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


SOUND: dict[str, JsonObject] = read_yaml(CASES / "01-sound.yaml")
FILES = [path for path in sorted(CASES.glob("*.yaml")) if not path.name.startswith("01-")]
PAIRS: list[JsonObject] = [case for path in FILES for case in read_yaml(path)]


def title(case: JsonObject) -> str:
    return f"{case['number']} {case['title']}"


def place(resource: Any, path: str) -> tuple[Any, str | int]:
    """Return the object or list that holds the place, and its key there."""
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    for parent in parents:
        resource = resource[parent]
    return resource, last


def resource_of(case: JsonObject, which: str) -> JsonObject:
    """Return the sound resource with the value of `which` in its place, as it is parsed."""
    resource = copy.deepcopy(SOUND[case["in"]])
    if "without" in case:
        holder, key = place(resource, case["without"])
        del holder[key]
    holder, key = place(resource, case["at"])
    if which in case:
        holder[key] = repeated(case[which])
    elif isinstance(holder, dict):
        holder.pop(key, None)
    return parse(json.dumps(resource).encode(), limits=JsonLimits())


def repeated(value: Any) -> Any:
    is_repeated = isinstance(value, dict) and value.keys() == {"repeat", "times"}
    return value["repeat"] * value["times"] if is_repeated else value


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_resource_has_no_issues(validator: Validator, name: str):
    body = json.dumps(SOUND[name]).encode()
    assert validator.validate(parse(body, limits=JsonLimits())) == []


@pytest.mark.parametrize("case", PAIRS, ids=title)
def test_the_sound_one_of_a_pair_has_no_issues(validator: Validator, case: JsonObject):
    assert validator.validate(resource_of(case, "valid")) == []


@pytest.mark.parametrize("case", PAIRS, ids=title)
def test_the_fault_of_a_pair_is_the_one_issue(validator: Validator, case: JsonObject):
    (issue,) = validator.validate(resource_of(case, "invalid"))
    expected = case["issue"]
    assert (issue.code, issue.expression) == (expected["code"], expected["expression"])
    assert expected["says"] in issue.diagnostics
    assert issue.is_error
    assert len(issue.diagnostics) < 300


def test_there_are_cases_enough_and_each_has_its_number():
    numbers = [case["number"] for case in PAIRS]
    assert len(numbers) == len(set(numbers)) > 120


def is_for_r4b(case: JsonObject) -> bool:
    """Tell whether fhir.resources, which has R4B and not R4, should take the sound one."""
    return case["in"] != "unit-of-measure" and "not_elsewhere" not in case


@pytest.mark.parametrize("case", [each for each in PAIRS if is_for_r4b(each)], ids=title)
def test_another_implementation_takes_the_sound_one_too(case: JsonObject):
    resource = resource_of(case, "valid")
    model = get_fhir_model_class(resource["resourceType"])
    found = model.model_validate_json(json.dumps(resource, default=float))
    assert found.get_resource_type() == resource["resourceType"]
