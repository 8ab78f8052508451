"""Every case of the specification, in JSON, and in XML where that can say it."""

import json

import pytest
from tests.unit.validation.casebook import (
    FOLDER,
    SOUND,
    Case,
    Judge,
    Which,
    all_cases,
    rules,
    verdict,
)

from psolink.definitions import load_definitions
from psolink.errors import FhirError, InvalidRequest, NotAcceptable
from psolink.formats.json_codec import JsonLimits, parse
from psolink.formats.xml_codec import XmlCodec
from psolink.outcome import Issue, IssueCode
from psolink.validation import Validator

CASES = all_cases()
LIMITS = JsonLimits()
CODEC = XmlCodec(load_definitions())
VALIDATOR = Validator(load_definitions())
WHICH: tuple[Which, ...] = ("valid", "invalid")


def judge_json(body: bytes) -> list[Issue]:
    try:
        return VALIDATOR.validate(parse(body, limits=LIMITS))
    except FhirError as error:
        return error.issues


def judge_xml(body: bytes) -> list[Issue]:
    try:
        return VALIDATOR.validate(CODEC.parse(body, limits=LIMITS))
    except FhirError as error:
        return error.issues


def judge_of(case: Case) -> Judge:
    return judge_xml if case.is_xml else judge_json


def through_xml(body: bytes) -> list[Issue]:
    """Judge a JSON body written as XML; raise NotAcceptable where XML cannot hold it."""
    return judge_xml(CODEC.render(parse(body, limits=LIMITS)))


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_is_judged_as_the_specification_says(case: Case, which: Which):
    assert verdict(case, which, judge_of(case)) is None


IN_JSON = [case for case in CASES if case.resources]


@pytest.mark.parametrize("case", IN_JSON, ids=str)
def test_the_sound_one_of_a_pair_is_sound_in_xml_too(case: Case):
    assert verdict(case, "valid", through_xml) is None


def can_be_written(case: Case) -> bool:
    """Tell whether XML holds the faulty one as it is: it has no empty lists, and no null."""
    resource = parse(case.invalid, limits=LIMITS)
    try:
        return CODEC.parse(CODEC.render(resource), limits=LIMITS) == resource
    except NotAcceptable:
        return False
    except InvalidRequest:
        return True


IN_XML = [case for case in IN_JSON if can_be_written(case)]


@pytest.mark.parametrize("case", IN_XML, ids=str)
def test_a_fault_that_xml_can_hold_is_the_same_fault_there(case: Case):
    assert verdict(case, "invalid", through_xml, by_way_of_xml=True) is None


def test_there_are_cases_enough_and_each_has_its_number():
    numbers = [case.number for case in CASES]
    assert len(numbers) == len(set(numbers)) > 500
    assert len(IN_XML) > 400


def test_every_file_of_cases_is_read():
    written = sum(path.read_text().count("number: ") for path in FOLDER.glob("[ci]*/*.yaml"))
    assert written == len(CASES)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_resource_has_no_issues(name: str):
    assert judge_json(json.dumps(SOUND[name]).encode()) == []


def accept_everything(_body: bytes) -> list[Issue]:
    return []


def refuse_everything(_body: bytes) -> list[Issue]:
    return [Issue(IssueCode.VALUE, "No.", "Resource")]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_fails_a_validator_that_does_not_look(case: Case):
    assert case.valid != case.invalid
    assert verdict(case, "invalid", accept_everything) is not None
    assert verdict(case, "valid", refuse_everything) is not None
    assert verdict(case, "invalid", refuse_everything) is not None


# Rules that no resource can break by itself, and why.
NOT_BROKEN_ALONE = {
    "cid-0": "R4 gives ChargeItemDefinition no name that it could look at",
    "dom-2": "judged with the structure, see 2.27",
    "dom-6": "best practice, see test_invariants.py",
    "con-3": "best practice, see test_invariants.py",
    "ele-1": "judged with the structure, see 2.6.2",
    "eld-11": "it asks whether a select() has a result, and that always has one",
    "ext-1": "judged with the structure, see 2.5",
    "mqty-1": "R4 has no element of the type MoneyQuantity",
    "ref-1": "judged with the structure, see 2.3",
    "sqty-1": "judged with the structure: SimpleQuantity has no comparator",
    "tst-4": "what it asks for is required anyway",
    "txt-1": "judged with the structure, see 2.4",
    "txt-2": "judged with the structure, see 2.4",
}


def test_every_invariant_of_r4_has_a_case():
    types = load_definitions().types.values()
    declared = {rule.key for each in types for rule in each.invariants}
    declared |= {
        rule.key for each in types for one in each.elements.values() for rule in one.invariants
    }
    covered = {case.number.partition("/")[0] for case in rules()}
    assert declared - covered == NOT_BROKEN_ALONE.keys()
