"""Whom the event concerns."""

from typing import Any

import pytest
from tests.unit.mapping.reports import coded, event_of, extract, incident, item, report, warnings

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper
from psolink.mapping.systems import DATA_ABSENT_REASON

LOGICAL = {"identifier": {"system": "https://hospital-a.example/patients", "value": "test-0001"}}


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param({"reference": "Patient/p1"}, id="a literal reference"),
        pytest.param({"reference": "https://a.example/fhir/Group/g1"}, id="an absolute one"),
        pytest.param({"reference": "urn:uuid:5f2e"}, id="a reference within a Bundle"),
        pytest.param(LOGICAL | {"type": "Patient", "display": "Test"}, id="a logical reference"),
    ],
)
def test_a_subject_is_taken_as_it_came(subject: JsonObject, mapper: Mapper):
    assert event_of(mapper, incident(subject=subject))["subject"] == subject


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param({"reference": "Location/l1"}, id="of a type that R4 does not allow"),
        pytest.param({"reference": "Location/l1/_history/2"}, id="a version of such a type"),
        pytest.param(LOGICAL | {"type": "Organization"}, id="that says such a type"),
        pytest.param({"reference": "#p1"}, id="contained in the report"),
    ],
)
def test_a_subject_is_left_out_with_a_warning_if_it_is(subject: JsonObject, mapper: Mapper):
    extraction = extract(mapper, incident(subject=subject))
    (issue,) = warnings(extraction)
    assert issue.expression == "QuestionnaireResponse.subject"
    assert absent(extraction.resources[0][1]) == "unsupported"


@pytest.mark.parametrize(
    ("kind", "reason"), [("A3", "unknown"), ("A6", "not-applicable"), ("A9", "not-applicable")]
)
def test_without_a_subject_the_event_says_why(kind: str, reason: str, mapper: Mapper):
    assert absent(event_of(mapper, report(item("DE3", coded(kind))))) == reason


@pytest.mark.parametrize("subject", [None, {}, "Patient/p1", []])
def test_what_is_no_reference_is_no_subject(subject: Any, mapper: Mapper):
    assert absent(event_of(mapper, incident(subject=subject))) == "unknown"


def absent(event: JsonObject) -> str:
    (extension,) = event["subject"]["extension"]
    assert extension["url"] == DATA_ABSENT_REASON
    return str(extension["valueCode"])
