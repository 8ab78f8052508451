"""Each profile that this project publishes, on its example and on that with one change.

The cases are under published_profiles/: a case removes, sets and adds, and names the issue if the
profile forbids the result. `more` counts issues that come with it.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import CANONICAL, JsonObject
from psolink.outcome import Issue, Severity
from psolink.terminology import Terminology
from psolink.validation import Validator
from psolink.validation.profiles import HeldMembership, Profiles, read_resources
from psolink.validation.special_codes import GRAMMARS

FOLDER = artifact_dir("profiles") / "psolink"
SETS: list[JsonObject] = [
    yaml.safe_load(path.read_text())
    for path in sorted((Path(__file__).parent / "published_profiles").glob("*.yaml"))
]
CASES = [
    pytest.param(each, case, id=f"{each['profile']}: {case['title']}")
    for each in SETS
    for case in each["cases"]
]
PROFILES = Profiles(
    load_definitions(),
    read_resources(FOLDER),
    membership=HeldMembership(Terminology.load(rules=GRAMMARS)),
)


def place(resource: Any, path: str) -> tuple[Any, Any]:
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    for parent in parents:
        resource = resource[parent]
    return resource, last


def resource_of(described: JsonObject, case: JsonObject) -> JsonObject:
    """Return the example with what the case sets and adds, and without what it removes."""
    resource: JsonObject = json.loads((FOLDER / "examples" / described["example"]).read_text())
    for path, value in case.get("set", {}).items():
        holder, key = place(resource, path)
        holder[key] = value["repeat"] * value["times"] if is_repeated(value) else deepcopy(value)
    for path, value in case.get("add", {}).items():
        holder, key = place(resource, path)
        holder[key].append(deepcopy(value))
    for path in case.get("remove", ()):
        holder, key = place(resource, path)
        del holder[key]
    return resource


def is_repeated(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"repeat", "times"}


def judged(described: JsonObject, case: JsonObject) -> list[Issue]:
    url = f"{CANONICAL}/StructureDefinition/{described['profile']}"
    issues = PROFILES.validate(resource_of(described, case), url)
    return [each for each in issues if each.severity is not Severity.INFORMATION]


@pytest.mark.parametrize(("described", "case"), CASES)
def test_a_change_is_judged_by_the_profile(described: JsonObject, case: JsonObject):
    issues = judged(described, case)
    expected = case.get("issue")
    assert len(issues) == (1 + case.get("more", 0) if expected else 0), issues
    if expected:
        fitting = [
            each
            for each in issues
            if (each.code, each.expression) == (expected["code"], expected["expression"])
            and expected["says"] in each.diagnostics
        ]
        assert len(fitting) == 1, issues
        assert fitting[0].severity == expected.get("severity", "error")
        assert f"(profile {CANONICAL}/StructureDefinition/" in fitting[0].diagnostics


@pytest.mark.parametrize(("described", "case"), CASES)
def test_the_base_rules_have_nothing_against_it(
    validator: Validator, described: JsonObject, case: JsonObject
):
    assert validator.validate(resource_of(described, case)) == []


def test_every_published_profile_has_twenty_cases_and_sound_ones_among_them():
    published = {
        each["id"]
        for each in read_resources(FOLDER)
        if each["resourceType"] == "StructureDefinition" and each["type"] != "Extension"
    }
    assert {each["profile"] for each in SETS} == published
    for each in SETS:
        sound = [case for case in each["cases"] if "issue" not in case]
        assert len(sound) >= 5
        assert len(each["cases"]) >= 20 + 1
        titles = [case["title"] for case in each["cases"]]
        assert len(titles) == len(set(titles))


@pytest.mark.parametrize("described", SETS, ids=lambda each: str(each["profile"]))
def test_the_snapshot_has_the_elements_that_the_published_one_has(described: JsonObject):
    name = described["profile"]
    path = FOLDER / f"StructureDefinition-{name}.json"
    published = json.loads(path.read_text())

    def view(structure: JsonObject) -> list[tuple[Any, ...]]:
        return [
            tuple(element.get(rule) for rule in ("id", "path", "sliceName", "min", "max"))
            for element in structure["snapshot"]["element"]
        ]

    url = f"{CANONICAL}/StructureDefinition/{name}"
    assert view(PROFILES.snapshot(url)) == view(published)
