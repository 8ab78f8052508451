"""Every search expression and invariant of R4 over resources of every type: another engine agrees."""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from fhirpathpy import compile as compile_elsewhere
from fhirpathpy.models import models
from tests.unit.formats.generated_resources import ResourceGenerator

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.fhirpath import resource_node

DEFINITIONS = load_definitions()
SEEDS = range(2)
NOT_THERE = {
    "resolve()": "it has no resolve()",
    "hasValue()": "it has no hasValue()",
    "hasExtension(": "it has no hasExtension()",
    "%resource": "it has no %resource unless it is given one",
    "Resource.": "to it a path that begins with Resource finds nothing",
    ".ofType(uri)": "to it a canonical is no uri",
    "lastModified >= authoredOn": "it compares dates of different precision",
}
"""What cannot be compared, and why."""


def bare(value: Any) -> Any:
    """Leave out extensions: it counts primitives that have one twice, and drops other elements."""
    if isinstance(value, dict):
        kept = {
            name: bare(each)
            for name, each in value.items()
            if not name.startswith("_") and name not in ("extension", "modifierExtension")
        }
        return {name: each for name, each in kept.items() if each not in ({}, [], None)}
    if isinstance(value, list):
        return [each for each in map(bare, value) if each not in ({}, [], None)]
    return value


def resources(type_name: str) -> Iterator[JsonObject]:
    for seed in SEEDS:
        random = Random(f"{type_name} {seed}")
        yield bare(ResourceGenerator(DEFINITIONS, random, likelihood=0.5).resource(type_name))


def expressions(type_name: str) -> Iterator[str]:
    kinds = {type_name, "DomainResource", "Resource"}
    for parameter in DEFINITIONS.search_parameters:
        if parameter.expression and kinds & set(parameter.base):
            yield parameter.expression
    for name in (type_name, "DomainResource"):
        yield from (each.expression for each in DEFINITIONS.types[name].invariants)


def is_comparable(expression: str) -> bool:
    return not any(
        expression.startswith(each) if each == "Resource." else each in expression
        for each in NOT_THERE
    )


@cache
def elsewhere(expression: str) -> Any:
    return compile_elsewhere(expression, models["r4"])


def plain(value: Any) -> Any:
    value = getattr(value, "asStr", value)
    return value if isinstance(value, bool | dict) else str(value)


@pytest.mark.parametrize("type_name", sorted(DEFINITIONS.resource_types))
def test_another_engine_finds_the_same_in_every_type(compiler, type_name):
    wanted = list(filter(is_comparable, expressions(type_name)))
    assert wanted or type_name in ("Binary", "Parameters", "OperationOutcome")
    for resource in resources(type_name):
        for expression in wanted:
            found = compiler.compile(expression)(resource_node(resource))
            ours = [plain(each.value) for each in found]
            assert ours == [plain(each) for each in elsewhere(expression)(resource)], expression


@pytest.mark.parametrize("missing", NOT_THERE)
def test_what_cannot_be_compared_is_still_in_use(missing):
    of_all_types = [
        each for name in DEFINITIONS.resource_types for each in expressions(name) if missing in each
    ]
    assert of_all_types
