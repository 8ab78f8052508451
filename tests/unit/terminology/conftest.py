"""A small world of colours and animals beside the terminology that ships."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from psolink.fhir_json import JsonObject
from psolink.terminology import Limits, Terminology

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EXAMPLE = "https://terminology.example"
COLOURS = f"{EXAMPLE}/CodeSystem/colours"
ANIMALS = f"{EXAMPLE}/CodeSystem/animals"

MakeTerminology = Callable[..., Terminology]


def code_system(name: str, concept: list[JsonObject], **more: object) -> JsonObject:
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": f"{EXAMPLE}/CodeSystem/{name}",
        "name": name.title(),
        "version": "1",
        "status": "active",
        "content": "complete",
        "concept": concept,
    } | more


def value_set(name: str, *include: JsonObject, **more: object) -> JsonObject:
    compose: JsonObject = {"include": list(include)} | more
    return {
        "resourceType": "ValueSet",
        "id": name,
        "url": f"{EXAMPLE}/ValueSet/{name}",
        "version": "1",
        "status": "active",
        "compose": compose,
    }


def url(name: str) -> str:
    return f"{EXAMPLE}/ValueSet/{name}"


def _colour(code: str, *, is_warm: bool, **more: object) -> JsonObject:
    warm = {"code": "warm", "valueBoolean": is_warm}
    return {"code": code, "display": code.title(), "property": [warm]} | more


COLOUR_SYSTEM = code_system(
    "colours",
    [
        _colour("red", is_warm=True, concept=[{"code": "crimson"}, {"code": "scarlet"}]),
        _colour("blue", is_warm=False, concept=[{"code": "navy"}]),
        {"code": "mauve", "property": [{"code": "status", "valueCode": "retired"}]},
    ],
    property=[{"code": "warm", "type": "boolean"}, {"code": "status", "type": "code"}],
)
ANIMAL_SYSTEM = code_system(
    "animals",
    [
        {
            "code": "Animal",
            "property": [{"code": "notSelectable", "valueBoolean": True}],
            "concept": [
                {"code": "Mammal", "concept": [{"code": "Bat"}, {"code": "Cat"}]},
                {"code": "Flyer", "property": [{"code": "child", "valueCode": "Bat"}]},
            ],
        }
    ],
    caseSensitive=False,
    hierarchyMeaning="is-a",
    property=[{"code": "child", "type": "code"}, {"code": "notSelectable", "type": "boolean"}],
)


@pytest.fixture(scope="session")
def shipped() -> Terminology:
    return Terminology.load(clock=lambda: NOW)


@pytest.fixture
def world(shipped: Terminology) -> MakeTerminology:
    """Make a terminology that also has colours, animals and what is given."""

    def make(*resources: JsonObject, limits: Limits | None = None) -> Terminology:
        base = Terminology.load(limits=limits, clock=lambda: NOW) if limits else shipped
        return base.including([COLOUR_SYSTEM, ANIMAL_SYSTEM, *resources])

    return make


def codes_of(expanded: JsonObject) -> list[str]:
    return [each["code"] for each in expanded["expansion"].get("contains", [])]
