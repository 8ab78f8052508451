"""The expansion of required value sets: complete, or no build at all."""

import pytest

from psolink.definitions import Binding, Element
from psolink.definitions.package import BuildFailed
from psolink.definitions.tables import TypeRow
from psolink.definitions.value_sets import expand_required
from psolink.fhir_json import JsonObject

TYPES = [
    TypeRow(
        "Task", "resource", elements=(Element("status", "code", binding=Binding("vs", "required")),)
    )
]
SYSTEM: JsonObject = {
    "url": "cs",
    "content": "complete",
    "concept": [{"code": "a", "concept": [{"code": "b"}]}],
}


def expanded(*includes: JsonObject, system: JsonObject | None = SYSTEM, **compose: object):
    value_set = {"url": "vs", "compose": {"include": list(includes), **compose}}
    definitions = [value_set, *([system] if system else [])]
    return expand_required(definitions, TYPES).value_sets["vs"]


def test_a_code_system_is_included_with_what_is_below_its_concepts():
    assert expanded({"system": "cs", "version": "1"}) == {"cs": {"a", "b"}}


def test_single_concepts_are_included_whatever_else_the_system_has():
    assert expanded({"system": "cs", "concept": [{"code": "b"}]}) == {"cs": {"b"}}


def test_what_is_included_from_one_system_in_two_steps_is_put_together():
    two = ({"system": "cs", "concept": [{"code": code}]} for code in "ab")
    assert expanded(*two) == {"cs": {"a", "b"}}


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"exclude": [{"system": "cs"}]}, id="an exclusion"),
        pytest.param({"system": None}, id="an unknown system"),
        pytest.param({"system": SYSTEM | {"content": "fragment"}}, id="a part of a system"),
    ],
)
def test_a_value_set_that_cannot_be_expanded_stops_the_build(how):
    with pytest.raises(BuildFailed, match="the value set vs"):
        expanded({"system": "cs"}, **how)


@pytest.mark.parametrize("part", ["filter", "valueSet"])
def test_a_composition_that_r4_does_not_use_stops_the_build(part: str):
    with pytest.raises(BuildFailed, match="the value set vs"):
        expanded({"system": "cs", part: []})


def test_a_value_set_that_is_not_there_stops_the_build():
    with pytest.raises(BuildFailed, match="the value set vs"):
        expand_required([SYSTEM], TYPES)
