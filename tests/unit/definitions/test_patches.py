"""What is mended in the published definitions, one test for each patch."""

import re

import pytest

from psolink.definitions.patches import ELEMENT_TYPES, NOT_OF_R4, SYSTEM_TYPES, mend_expression

CAST = re.compile(r" as \w|\bas\(")


@pytest.mark.parametrize(
    ("published", "mended"),
    [
        pytest.param(
            "(Observation.value as Quantity) | (Observation.value as SampledData)",
            "Observation.value.ofType(Quantity) | Observation.value.ofType(SampledData)",
            id="casts in brackets",
        ),
        pytest.param(
            "(Observation.value as CodeableConcept).text",
            "Observation.value.ofType(CodeableConcept).text",
            id="a path goes on after the cast",
        ),
        pytest.param("AdverseEvent.x as date", "AdverseEvent.x.ofType(date)", id="no brackets"),
        pytest.param("Condition.onset.as(Age)", "Condition.onset.ofType(Age)", id="as a function"),
        pytest.param("where(as(uri) = '#')", "where(ofType(uri) = '#')", id="on the focus"),
        pytest.param("value.as(DateTime)", "value.ofType(dateTime)", id="a type that is not there"),
        pytest.param("Patient.has(as) | Task.basedOn", "Patient.has(as) | Task.basedOn", id="none"),
    ],
)
def test_a_cast_becomes_a_filter(published: str, mended: str):
    assert mend_expression(published) == mended


def test_no_expression_casts_any_more(definitions):
    parameters = definitions.search_parameters
    expressions = [each.expression or "" for each in parameters]
    expressions += [part.expression for each in parameters for part in each.component]
    expressions += [
        rule.expression for each in definitions.types.values() for rule in each.invariants
    ]
    assert len(expressions) > 1600
    assert not [each for each in expressions if CAST.search(each)]


def test_dom_3_filters(definitions):
    (dom_3,) = [rule for rule in definitions.invariants("Patient") if rule.key == "dom-3"]
    assert "descendants().ofType(canonical)" in dom_3.expression


@pytest.mark.parametrize("path", ELEMENT_TYPES)
def test_the_id_of_every_resource_is_an_id(definitions, path: str):
    name = path.rpartition(".")[2]
    types = {definitions.types[each].elements[name].type for each in definitions.resource_types}
    assert types == {ELEMENT_TYPES[path]} == {"id"}


def test_the_id_of_an_element_stays_a_string(definitions):
    assert definitions.types["HumanName"].elements["id"].type == "string"


@pytest.mark.parametrize("primitive", SYSTEM_TYPES)
def test_a_kind_of_integer_is_an_integer(definitions, primitive: str):
    assert definitions.types[primitive].system_type == "Integer"


def test_examples_are_no_definitions(definitions):
    urls = {each.url for each in definitions.search_parameters}
    urls |= {each.url for each in definitions.operations}
    urls |= {each.url for each in definitions.compartments.values()}
    assert not urls & NOT_OF_R4
    assert not [url for url in urls if url.endswith("/example")]
