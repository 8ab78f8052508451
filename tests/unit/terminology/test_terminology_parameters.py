"""From the Parameters of an operation to its result."""

from typing import Any

import pytest

from psolink.definitions import load_definitions
from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.terminology import UnknownTerminology, parameters
from psolink.validation import Validator

from .conftest import ANIMALS, COLOURS, codes_of, value_set

RED = value_set("red", {"system": COLOURS, "concept": [{"code": "red"}]})
LOINC = "http://loinc.org"
ACTUALITY = "https://psolink.example/fhir/ConceptMap/common-formats-actuality"
ANSWER = "https://psolink.example/fhir/CodeSystem/common-formats-answer"
RED_CODING = {"system": COLOURS, "code": "red", "display": "Rouge"}


def sent(**values: object) -> dict[str, list[object]]:
    return {name: [value] for name, value in values.items()}


def result(found: JsonObject, name: str = "result") -> Any:
    (part,) = [each for each in found["parameter"] if each["name"] == name]
    return next(value for key, value in part.items() if key != "name")


def test_parameters_are_read_by_name_in_their_order():
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "property", "valueCode": "a"},
            {"name": "valueSet", "resource": RED},
            {"name": "property", "valueCode": "b"},
        ],
    }
    assert parameters.given(body) == {"property": ["a", "b"], "valueSet": [RED]}


def test_a_parameter_needs_a_value():
    with pytest.raises(InvalidRequest, match="'url' needs a value"):
        parameters.given({"parameter": [{"name": "url", "part": []}]})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"url": RED["url"]}, ["red"]),
        ({"url": RED["url"], "valueSetVersion": "1"}, ["red"]),
        ({"valueSet": RED}, ["red"]),
        ({"valueSet": RED, "filter": "blue"}, []),
        ({"url": RED["url"], "offset": 1, "count": 5}, []),
        ({"url": RED["url"], "excludeNested": True, "displayLanguage": "en"}, ["red"]),
    ],
)
def test_expand_takes_what_its_definition_says(world, asked, expected):
    assert codes_of(parameters.expand(world(RED), sent(**asked))) == expected


def test_expand_leaves_out_inactive_codes_when_asked_to(world):
    everything = value_set("all", {"system": COLOURS})
    found = parameters.expand(world(), sent(valueSet=everything, activeOnly=True))
    assert "mauve" not in codes_of(found)


@pytest.mark.parametrize(
    ("asked", "expected", "message"),
    [
        ({"system": COLOURS, "code": "red"}, True, ""),
        ({"system": COLOURS, "code": "blue"}, False, "not in the value set"),
        ({"coding": RED_CODING}, True, "found 'Rouge'"),
        ({"codeableConcept": {"coding": [{"system": "x"}, RED_CODING]}}, True, "found 'Rouge'"),
    ],
)
def test_a_code_is_validated_however_it_is_sent(world, asked, expected, message):
    found = parameters.validate_value_set_code(world(RED), sent(url=RED["url"], **asked))
    assert result(found) is expected
    assert (message in result(found, "message")) if message else len(found["parameter"]) < 3


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"url": COLOURS, "code": "red"}, True),
        ({"url": COLOURS, "code": "green"}, False),
        ({"url": COLOURS, "code": "red", "version": "1"}, True),
        ({"coding": RED_CODING}, True),
        ({"url": ANIMALS, "coding": RED_CODING}, False),
    ],
)
def test_a_code_is_validated_against_a_code_system(world, asked, expected):
    found = parameters.validate_code_system_code(world(), sent(**asked))
    assert result(found) is expected


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        (parameters.validate_code_system_code, {"url": LOINC, "code": "1-8"}),
        (parameters.validate_value_set_code, {"url": "urn:x", "system": LOINC, "code": "1-8"}),
        (parameters.lookup, {"system": LOINC, "code": "1-8"}),
        (parameters.subsumes, {"system": LOINC, "codeA": "1-8", "codeB": "1-9"}),
        (parameters.expand, {"url": "urn:x"}),
        (parameters.translate, {"url": "urn:x", "system": LOINC, "code": "1-8"}),
    ],
)
def test_what_cannot_be_decided_is_not_found_rather_than_false(shipped, operation, asked):
    with pytest.raises(UnknownTerminology):
        operation(shipped, sent(**asked))


@pytest.mark.parametrize(
    "asked",
    [
        {"system": COLOURS, "code": "red"},
        {"coding": RED_CODING},
        {"system": COLOURS, "code": "red", "version": "1"},
    ],
)
def test_lookup_takes_a_code_or_a_coding(world, asked):
    assert result(parameters.lookup(world(), sent(**asked)), "display") == "Red"


def test_lookup_gives_the_properties_that_are_asked_for(world):
    asked = sent(system=COLOURS, code="red") | {"property": ["warm", "parent"]}
    found = parameters.lookup(world(), asked)
    assert [each["part"][0]["valueCode"] for each in found["parameter"][3:]] == ["warm"]


@pytest.mark.parametrize(
    "asked",
    [
        {"system": ANIMALS, "codeA": "Mammal", "codeB": "Cat"},
        {
            "codingA": {"system": ANIMALS, "code": "Mammal"},
            "codingB": {"system": ANIMALS, "code": "Cat"},
        },
    ],
)
def test_subsumes_takes_codes_or_codings(world, asked):
    assert result(parameters.subsumes(world(), sent(**asked)), "outcome") == "subsumes"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"url": ACTUALITY, "system": ANSWER, "code": "A3"}, True),
        ({"url": ACTUALITY, "coding": {"system": ANSWER, "code": "none"}}, False),
        ({"system": ANSWER, "code": "A3", "targetsystem": COLOURS}, False),
        (
            {
                "url": ACTUALITY,
                "reverse": True,
                "system": "http://hl7.org/fhir/adverse-event-actuality",
                "code": "actual",
            },
            True,
        ),
    ],
)
def test_translate_takes_what_its_definition_says(shipped, asked, expected):
    assert result(parameters.translate(shipped, sent(**asked))) is expected


@pytest.mark.parametrize(
    ("operation", "asked", "says"),
    [
        (parameters.expand, {}, "'url', or the resource"),
        (parameters.expand, {"url": "urn:a", "valueSet": RED}, "'url', or the resource"),
        (parameters.expand, {"valueSet": {}}, "empty"),
        (parameters.expand, {"url": "urn:a", "date": "2026"}, "'date' is not supported"),
        (parameters.expand, {"url": "urn:a", "count": -1}, "from 0, found -1"),
        (parameters.expand, {"url": "urn:a", "count": True}, "from 0, found True"),
        (parameters.expand, {"url": 1}, "another type"),
        (parameters.validate_value_set_code, {"url": "urn:a"}, "found none"),
        (parameters.validate_value_set_code, {"url": "urn:a", "code": "a"}, "send the 'system'"),
        (parameters.validate_code_system_code, {"code": "a"}, "send the 'url'"),
        (parameters.lookup, {"code": "a"}, "Send the 'system'"),
        (parameters.lookup, {"coding": {"system": "urn:a"}}, "has no code"),
        (parameters.lookup, {"code": "a", "coding": RED_CODING}, "found code, coding"),
        (parameters.subsumes, {"system": "urn:a", "codeA": "a"}, "codeB and codingB"),
        (parameters.subsumes, {"codeA": "a", "codeB": "b"}, "from one system"),
        (parameters.translate, {"codeableConcept": {"text": "red"}}, "no coding with a code"),
    ],
)
def test_a_request_that_says_too_little_or_too_much_is_refused(world, operation, asked, says):
    with pytest.raises(InvalidRequest, match=says):
        operation(world(), sent(**asked))


def test_a_parameter_that_is_sent_twice_is_refused(world):
    with pytest.raises(InvalidRequest, match="'url' may be given once"):
        parameters.expand(world(), {"url": ["urn:a", "urn:b"]})


def test_results_are_valid_resources(world):
    terminology, validator = world(RED), Validator(load_definitions())
    coding = sent(coding=RED_CODING)
    found = [
        parameters.lookup(terminology, coding),
        parameters.validate_code_system_code(terminology, coding),
        parameters.translate(terminology, coding),
        parameters.translate(terminology, sent(url=ACTUALITY, system=ANSWER, code="A3")),
        parameters.subsumes(terminology, sent(system=ANIMALS, codeA="Cat", codeB="Bat")),
    ]
    assert [validator.validate(each) for each in found] == [[]] * 5
