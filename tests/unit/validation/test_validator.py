"""The validator as a whole: places, limits, and that nothing makes it raise."""

import json
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import render
from psolink.outcome import IssueCode, Severity, operation_outcome
from psolink.validation import Validator

SOUND = yaml.safe_load((Path(__file__).parent / "cases" / "sound.yaml").read_text())
VALIDATOR = Validator(load_definitions())


def test_an_issue_is_placed_below_where_the_caller_says(validator):
    (issue,) = validator.validate(
        {"resourceType": "Patient", "active": 1}, at="Bundle.entry[3].resource"
    )
    assert issue.expression == "Bundle.entry[3].resource.active"


def test_all_faults_are_told_at_once(validator):
    event = {
        "resourceType": "AdverseEvent",
        "subject": {"reference": "Organization/1"},
        "severity": {"text": "bad"},
        "suspectEntity": [{}, {"instance": {"reference": "Patient/1"}}],
    }
    issues = validator.validate(event)
    assert {(issue.code, issue.expression) for issue in issues} == {
        ("required", "AdverseEvent.actuality"),
        ("value", "AdverseEvent.subject"),
        ("code-invalid", "AdverseEvent.severity"),
        ("structure", "AdverseEvent.suspectEntity[0]"),
        ("value", "AdverseEvent.suspectEntity[1].instance"),
    }


@pytest.mark.parametrize(
    ("resource", "code", "says"),
    [
        ({}, "required", "resourceType is required"),
        ({"resourceType": None}, "structure", "found null"),
        ({"resourceType": ["Patient"]}, "structure", "found an array of 1"),
        ({"resourceType": "Pateint"}, "structure", "Did you mean Patient?"),
        ({"resourceType": "Quantity"}, "structure", "is not a resource type"),
        ({"resourceType": "Patient.contact"}, "structure", "is not a resource type"),
        ({"resourceType": "Resource"}, "structure", "Resource is abstract"),
    ],
)
def test_a_resource_needs_a_type_that_is_known(validator, resource, code, says):
    (issue,) = validator.validate(resource)
    assert (issue.code, issue.expression) == (code, "Resource.resourceType")
    assert says in issue.diagnostics


def test_only_so_many_issues_are_listed(validator):
    patient: JsonObject = {"resourceType": "Patient"} | {f"x{n}": n for n in range(100_000)}
    started = perf_counter()
    issues = validator.validate(patient)
    assert perf_counter() - started < 5
    assert len(issues) == 201
    assert (issues[-1].code, issues[-1].severity) == (IssueCode.TOO_COSTLY, Severity.INFORMATION)


def test_long_names_and_values_are_cut_short(validator):
    patient = {"resourceType": "Patient", "x" * 10_000: 1, "gender": "y" * 10_000}
    issues = validator.validate(patient)
    assert len(issues) == 2
    assert max(len(issue.diagnostics) for issue in issues) < 200
    assert {issue.expression for issue in issues} == {"Patient", "Patient.gender"}


def test_a_number_that_python_does_not_write_out_is_an_issue(validator):
    (issue,) = validator.validate({"resourceType": "Patient", "gender": 10**5000})
    assert "found a very large number" in issue.diagnostics


def test_a_resource_that_is_nested_too_deep_is_an_issue(validator):
    extension: JsonObject = {"url": "http://a.org", "valueCode": "x"}
    for _ in range(5000):
        extension = {"url": "http://a.org", "extension": [extension]}
    issues = validator.validate({"resourceType": "Patient", "extension": [extension]})
    assert [issue.code for issue in issues] == [IssueCode.TOO_COSTLY]
    assert issues[0].is_error


def test_a_resource_is_not_changed(validator):
    for resource in SOUND.values():
        before = deepcopy(resource)
        validator.validate(resource)
        assert resource == before


def test_threads_that_meet_a_type_at_once_get_the_same_answer():
    fresh = Validator(load_definitions())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(fresh.validate, [SOUND["bundle"], SOUND["adverse-event"]] * 20))
    assert answers == [[]] * 40


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a resource as its holder and key."""
    items = list(value.items() if isinstance(value, dict) else enumerate(value))
    here = [(value, key) for key, _ in items]
    inner = [each for _, each in items]
    return here + [
        place for each in inner if isinstance(each, dict | list) for place in places(each)
    ]


ODD: list[Any] = [
    None,
    True,
    5,
    Decimal("0.5"),
    "",
    "x",
    [],
    ["x"],
    [None],
    [5],
    [[]],
    [{}],
    {},
    {"x": 5},
]


@pytest.mark.parametrize("name", SOUND)
def test_odd_values_at_any_place_are_judged(name: str):
    resource = deepcopy(SOUND[name])
    for holder, key in places(resource):
        before = holder[key]
        for odd in ODD:
            holder[key] = odd
            assert told(VALIDATOR.validate(resource))
        holder[key] = before


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, Decimal("1E+6000"), Decimal("1.50")])
    | st.text(max_size=20)
    | st.sampled_from(["#", "#a", "Patient/1", "urn:uuid:", "<div/>", "2026-10-02T08:15:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "extension",
                    "url",
                    "valueString",
                    "_valueString",
                    "coding",
                    "code",
                    "system",
                    "reference",
                    "type",
                    "text",
                    "div",
                    "contained",
                    "resourceType",
                    "fullUrl",
                    "resource",
                    "entry",
                    "given",
                    "_given",
                    "value",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(["AdverseEvent", "Patient", "Bundle", "Parameters", "Observation", "Nope"])


def told(issues: Any) -> bytes:
    """Return the outcome as a client gets it."""
    return render(operation_outcome(issues))


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), TYPES)
def test_no_json_object_makes_the_validator_raise(resource: JsonObject, type_name: str):
    assert told(VALIDATOR.validate({"resourceType": type_name} | resource))


@settings(deadline=None)
@given(st.sampled_from(sorted(SOUND)), JSON, st.data())
def test_a_sound_resource_with_anything_at_one_place_is_judged(
    name: str, anything: Any, data: st.DataObject
):
    resource = deepcopy(SOUND[name])
    holder, key = data.draw(st.sampled_from(places(resource)))
    holder[key] = anything
    assert told(VALIDATOR.validate(resource))


@settings(deadline=None)
@given(st.sampled_from(sorted(SOUND)), st.data())
def test_what_is_judged_sound_has_no_null_and_no_empty_value(name: str, data: st.DataObject):
    resource = deepcopy(SOUND[name])
    holder, key = data.draw(st.sampled_from(places(resource)))
    holder[key] = data.draw(st.sampled_from([None, "", [], {}, " "]))
    assert VALIDATOR.validate(resource) or json.dumps(resource) == json.dumps(SOUND[name])
