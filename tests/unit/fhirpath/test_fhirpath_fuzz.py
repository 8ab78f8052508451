"""Whatever is asked of whatever resource: an answer that can be written, or a refusal."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from tests.unit.fhirpath.generated_expressions import expressions, resources, texts, variables

from psolink.commands.fhirpath_cases import Evaluator, answer_case
from psolink.definitions import load_definitions
from psolink.fhirpath import FhirPathError
from psolink.fhirpath.parser import parse
from psolink.formats.json_codec import render

EVALUATOR = Evaluator(load_definitions(), datetime(2024, 2, 29, 10, 30, tzinfo=UTC))


def is_answered_or_refused(expression, resource, variable, context=None) -> bool:
    case = {"id": 1, "resource": resource, "expression": expression, "context": context}
    answer = json.loads(render(answer_case(EVALUATOR, case | {"environment": {"x": variable}})))
    return answer.keys() in ({"id", "result"}, {"id", "error"})


@settings(max_examples=400)
@given(expressions, resources, variables)
@example("'\\uD800'", {"resourceType": "Patient"}, None)
@example("'\\\\uD800'.unescape('json')", {"resourceType": "Patient"}, None)
def test_any_expression_on_any_resource_is_answered_or_refused(expression, resource, variable):
    assert is_answered_or_refused(expression, resource, variable)


@settings(max_examples=100)
@given(expressions, expressions, resources)
def test_any_context_is_answered_or_refused(expression, context, resource):
    assert is_answered_or_refused(expression, resource, None, context)


@settings(max_examples=500)
@given(texts)
def test_any_text_is_parsed_or_refused_with_its_place(text):
    at = parsed_until(text)
    assert at is None or 0 <= at <= len(text)


def parsed_until(text: str) -> int | None:
    try:
        return parse(text).at
    except FhirPathError as refused:
        return refused.at


@pytest.mark.soak
@settings(max_examples=5_000, derandomize=False)
@given(expressions, resources, variables)
def test_many_expressions_are_answered_or_refused(expression, resource, variable):
    assert is_answered_or_refused(expression, resource, variable)


@pytest.mark.soak
@settings(max_examples=10_000, derandomize=False)
@given(texts)
def test_many_texts_are_parsed_or_refused(text):
    assert is_answered_or_refused(text, {"resourceType": "Patient", "id": "a"}, None)
