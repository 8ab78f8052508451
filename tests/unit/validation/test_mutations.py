"""What R4 forbids is not accepted, and what it does not mind is: random changes of sound resources.

The resources are our examples, the sound ones of the cases and generated ones of every type; the
changes are under mutations.py. The seed makes every run the same.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.unit.formats.generated_resources import ResourceGenerator
from tests.unit.validation import mutations
from tests.unit.validation.casebook import all_cases

from psolink.artifacts import artifact_dir
from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse, render
from psolink.validation import Validator

DEFINITIONS = load_definitions()
VALIDATOR = Validator(DEFINITIONS)
LIMITS = JsonLimits()
TYPES = sorted(DEFINITIONS.resource_types)
CORRUPTIONS = 400
KEPT = 400


def is_accepted(resource: JsonObject) -> bool:
    """Tell whether a resource is, as the server reads it."""
    issues = VALIDATOR.validate(parse(render(resource), limits=LIMITS))
    return not any(issue.is_error for issue in issues)


def examples() -> Iterator[JsonObject]:
    for folder in ("profiles", "mappings"):
        for path in sorted((Path(artifact_dir(folder))).rglob("examples/*.json")):
            content = json.loads(path.read_text())
            if "resourceType" in content:
                yield content


def generated() -> Iterator[JsonObject]:
    """Yield for each type what it needs, and the first random ones that keep its invariants too."""
    for name in TYPES:
        for likelihood in (0.0, 0.15, 0.3, 0.5):
            made = (
                ResourceGenerator(
                    DEFINITIONS, Random(f"{name} {likelihood} {seed}"), likelihood=likelihood
                ).resource(name)
                for seed in range(6)
            )
            yield from [each for each in made if is_accepted(each)][:1]


SOUND = [
    *examples(),
    *(parse(case.valid, limits=LIMITS) for case in all_cases() if case.resources),
    *generated(),
]


def mutants(
    operators: tuple[mutations.Operator, ...], count: int
) -> Iterator[tuple[str, JsonObject]]:
    """Yield so many changes, each operator in turn on a random resource that it fits."""
    random = Random(20260302)
    for number in range(count):
        operator = operators[number % len(operators)]
        made = None
        while made is None:
            sound = random.choice(SOUND)
            made = mutations.changed(sound, DEFINITIONS, operator, random)
        yield f"{number} {operator.__name__} in {sound['resourceType']}", made


CORRUPTED = list(mutants(mutations.FORBIDDEN, CORRUPTIONS))
PRESERVED = list(mutants(mutations.ALLOWED, KEPT))


def test_the_resources_are_sound_and_of_every_type():
    assert all(map(is_accepted, SOUND))
    assert {each["resourceType"] for each in SOUND} == {*TYPES}
    assert len(SOUND) > 800


@pytest.mark.parametrize("resource", [pytest.param(each, id=name) for name, each in CORRUPTED])
def test_a_corruption_is_refused(resource: JsonObject):
    assert not is_accepted(resource)


@pytest.mark.parametrize("resource", [pytest.param(each, id=name) for name, each in PRESERVED])
def test_a_change_that_r4_does_not_mind_is_accepted(resource: JsonObject):
    assert is_accepted(resource)


def test_each_operator_is_used_and_many_types_are_met():
    names = Counter(name.split()[1] for name, _ in CORRUPTED)
    assert names.keys() == {each.__name__ for each in mutations.FORBIDDEN}
    assert min(names.values()) >= CORRUPTIONS // len(mutations.FORBIDDEN)
    assert len({each["resourceType"] for _, each in CORRUPTED}) > 60
    assert all(each not in SOUND for _, each in CORRUPTED)
