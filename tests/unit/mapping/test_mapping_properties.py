"""Whatever comes in: nothing raises, and every answer is accounted for exactly once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.mapping.reports import extract

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper
from psolink.mapping.systems import ANSWER, LOINC

MAPPER = Mapper.load()
ELEMENTS = tuple(MAPPER.library.dictionary.elements.values())
OPTIONS = tuple(option for element in ELEMENTS for option in element.options)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "system", "value", "item"]), inner, max_size=3)
    ),
    max_leaves=4,
)
texts = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["2026-02-11", "20260211", "2026-02-30", "21:15", "161", "A3", "EV-1", " "]
)
codings = st.fixed_dictionaries(
    {"code": st.sampled_from([name for each in OPTIONS for name in (each.code, each.loinc)])},
    optional={"system": st.sampled_from([ANSWER, LOINC, "https://sender.example/codes"])},
)
values = st.one_of(
    st.builds(lambda text: {"valueString": text}, texts),
    st.builds(lambda text: {"valueDate": text}, texts),
    st.builds(lambda text: {"valueTime": text}, texts),
    st.builds(lambda coding: {"valueCoding": coding}, codings),
    st.builds(lambda flag: {"valueBoolean": flag}, st.booleans()),
    st.dictionaries(st.sampled_from(["valueCoding", "valueInteger", "id"]), json_values),
)
link_ids = st.one_of(
    st.sampled_from([each.id for each in ELEMENTS]),
    st.sampled_from([f"74080-3/{each.loinc}" for each in ELEMENTS if each.loinc]),
    st.sampled_from(["medication-details", "74080-3/74078-7", "HERF", "0", "DE9999", ""]),
    st.text(max_size=6),
)


def items_of(inner: st.SearchStrategy[JsonObject]) -> st.SearchStrategy[JsonObject]:
    nested = st.lists(inner, max_size=3)
    answers = st.builds(lambda value, items: value | {"item": items}, values, nested)
    return st.fixed_dictionaries(
        {"linkId": link_ids},
        optional={"item": nested, "answer": st.lists(values | answers | json_values, max_size=3)},
    )


items = st.recursive(
    st.builds(lambda name, value: {"linkId": name, "answer": [value]}, link_ids, values),
    items_of,
    max_leaves=12,
)
reports = st.builds(
    lambda found, kind: {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [*kind, *found],
    },
    st.lists(items, max_size=6),
    st.sampled_from([[], [{"linkId": "DE3", "answer": [{"valueCoding": {"code": "A3"}}]}]]),
)
thorough = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer_expressions(node: JsonObject, path: str = "QuestionnaireResponse") -> Iterator[str]:
    """Every answer of a response by its FHIRPath: an independent, recursive account."""
    for here, answer in _children(node, path, "answer"):
        yield here
        if isinstance(answer, dict):
            yield from _answers_in_items(answer, here)
    yield from _answers_in_items(node, path)


def _answers_in_items(node: JsonObject, path: str) -> Iterator[str]:
    for here, item in _children(node, path, "item"):
        if isinstance(item, dict):
            yield from answer_expressions(item, here)
        else:
            yield here  # no item, so that it is reported as it stands


def _children(node: JsonObject, path: str, name: str) -> list[tuple[str, Any]]:
    nodes = node.get(name, [])
    if not isinstance(nodes, list):
        return [(f"{path}.{name}", nodes)]
    return [(f"{path}.{name}[{index}]", each) for index, each in enumerate(nodes)]


@given(reports)
@thorough
def test_every_answer_is_mapped_or_kept_and_never_both(response: JsonObject):
    extraction = extract(MAPPER, response)
    mapped = [each.expression for each in extraction.mapped]
    kept = [each.expression for each in extraction.unmapped]
    expected = list(answer_expressions(response))
    assert Counter(mapped + kept) == Counter(expected)
    assert [each for each in expected if each in mapped] == mapped


@given(reports)
@thorough
def test_what_is_derived_is_valid(response: JsonObject):
    for _, resource in extract(MAPPER, response).resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@given(json_values)
@thorough
def test_no_content_of_item_makes_it_fail(content: Any):
    response = {"resourceType": "QuestionnaireResponse", "item": content}
    assert extract(MAPPER, response).issues
