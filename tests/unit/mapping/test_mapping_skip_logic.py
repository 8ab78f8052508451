"""Answers that the form does not ask for: they are mapped all the same."""

import pytest
from tests.unit.mapping.reports import coded, extract, incident, item, report, said, warnings

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper

WRONG = [item("DE288", coded("A1257"))]


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([item("DE294", coded("A1314"))], id="the detail without its question"),
        pytest.param(
            [*WRONG, item("DE291", coded("A585")), item("DE294", coded("A1314"))],
            id="the detail of another answer",
        ),
        pytest.param(
            [item("DE288", coded("A1263")), item("DE318", said("A"))], id="what an answer excludes"
        ),
        pytest.param(
            [item("DE21", coded("A48")), item("DE270", coded("A1197"))],
            id="the form of another category",
        ),
    ],
)
def test_a_condition_that_is_not_met_is_a_warning(items: list[JsonObject], mapper: Mapper):
    extraction = extract(mapper, incident(*items))
    assert len(warnings(extraction)) == 1
    assert extraction.unmapped == ()


@pytest.mark.parametrize(
    "items",
    [
        pytest.param(
            [*WRONG, item("DE291", coded("A585"), coded("A1275")), item("DE294", coded("A1314"))],
            id="one of several answers meets it",
        ),
        pytest.param([*WRONG, item("DE318", said("A"))], id="nothing excludes it"),
        pytest.param(
            [item("DE21", coded("A54")), item("DE270", coded("A1197"))], id="the form is due"
        ),
    ],
)
def test_a_condition_that_is_met_is_no_warning(items: list[JsonObject], mapper: Mapper):
    assert warnings(extract(mapper, incident(*items))) == []


def test_what_several_forms_ask_belongs_to_none_of_them(mapper: Mapper):
    items = [item("DE2", said("EV-1")), item("DE21", coded("A48"))]
    assert warnings(extract(mapper, incident(*items))) == []


def test_a_question_of_a_form_that_is_not_there_decides_nothing(mapper: Mapper):
    items = [item("DE288", coded("A1257")), item("DE336", coded("A15"))]
    assert warnings(extract(mapper, report(*items))) == []


def test_a_warning_names_the_condition_and_the_answer(mapper: Mapper):
    (issue,) = warnings(extract(mapper, incident(item("DE294", coded("A1314")))))
    assert "DE291 in A1275" in issue.diagnostics
    assert issue.expression == "QuestionnaireResponse.item[1].answer[0]"


def test_one_answer_too_many_is_a_warning(mapper: Mapper):
    extraction = extract(mapper, incident(item("DE270", coded("A1197"), coded("A1200"))))
    assert "at most 1" in warnings(extraction)[0].diagnostics
    assert extraction.unmapped == ()


def test_the_same_answer_on_two_forms_is_one(mapper: Mapper):
    twice = [item("HERF/DE2", said("EV-1")), item("Medication/DE2", said("EV-1"))]
    extraction = extract(mapper, incident(*twice))
    assert warnings(extraction) == []
    assert len(extraction.mapped) == 3


def test_a_second_value_where_one_goes_is_kept_with_a_warning(mapper: Mapper):
    extraction = extract(mapper, incident(item("DE2", said("EV-1")), item("x/DE2", said("EV-2"))))
    assert extraction.resources[0][1]["identifier"]["value"] == "EV-1"
    (kept,) = extraction.unmapped
    assert (kept.link_id, kept.severity) == ("x/DE2", "warning")
    assert "takes one value" in kept.reason
