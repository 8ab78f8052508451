"""$lookup, $subsumes and $validate-code, and what search and bindings ask."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode, Severity
from psolink.terminology import (
    Answer,
    Coding,
    FilterNotSupported,
    Limits,
    Membership,
    Question,
    Terminology,
    TooCostly,
    UnknownTerminology,
)

from .conftest import ANIMALS, COLOURS, url, value_set

YES, NO, UNKNOWN = Membership.YES, Membership.NO, Membership.UNKNOWN
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
GENDER = "http://hl7.org/fhir/administrative-gender"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
CONDITIONS = "http://hl7.org/fhir/ValueSet/condition-code"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RED = value_set("red", {"system": COLOURS, "concept": [{"code": "red", "display": "Rosso"}]})
SHIPPED = Terminology.load()
REASONS = sorted(SHIPPED.below(ACT_REASON, "PurposeOfUse") or ())


@dataclass(frozen=True)
class Server:
    """Knows the code 1-8 of LOINC, and no value set."""

    asked: list[Question]

    def validate_code(self, question: Question) -> Answer:
        self.asked.append(question)
        if question.system != LOINC:
            return Answer(UNKNOWN, reason="it is not known there")
        return Answer(YES, "Acyclovir") if question.code == "1-8" else Answer(NO)

    def lookup(self, system: str, code: str) -> JsonObject | None:
        return {"resourceType": "Parameters", "parameter": [{"name": "name", "valueString": code}]}

    def expand(self, value_set: str) -> JsonObject | None:
        if value_set != CONDITIONS:
            return None
        contains = [
            {"system": SNOMED, "code": "1", "display": "One"},
            {"system": SNOMED, "code": "2"},
        ]
        return {"resourceType": "ValueSet", "status": "active", "expansion": {"contains": contains}}


def parts(parameters: JsonObject, name: str) -> list[Any]:
    """Return the values of the parameters with this name."""
    return [
        next(value for key, value in each.items() if key != "name")
        for each in parameters["parameter"]
        if each["name"] == name
    ]


def properties(parameters: JsonObject) -> set[tuple[str, object]]:
    return {
        tuple(next(value for key, value in part.items() if key != "name") for part in each)
        for each in parts(parameters, "property")
    }


@pytest.mark.parametrize(
    ("system", "code", "display", "some"),
    [
        (COLOURS, "red", "Red", {("warm", True), ("child", "crimson"), ("inactive", False)}),
        (COLOURS, "crimson", "crimson", {("parent", "red")}),
        (COLOURS, "mauve", "mauve", {("inactive", True), ("status", "retired")}),
        (ANIMALS, "bat", "Bat", {("parent", "Mammal"), ("parent", "Flyer")}),
        (ACT_REASON, "HPAYMT", "healthcare payment", {("parent", "PurposeOfUse")}),
        (GENDER, "male", "Male", {("inactive", False)}),
    ],
)
def test_lookup_says_what_is_known_of_a_code(world, system, code, display, some):
    found = world().lookup(system, code)
    assert parts(found, "display") == [display]
    assert some <= properties(found)


def test_lookup_names_the_code_system_and_its_version(world):
    found = world().lookup(COLOURS, "red")
    assert (parts(found, "name"), parts(found, "version")) == (["Colours"], ["1"])


def test_lookup_gives_the_properties_that_are_wanted(world):
    found = world().lookup(COLOURS, "red", properties=["warm"])
    assert properties(found) == {("warm", True)}


@pytest.mark.parametrize(
    ("system", "code", "version", "says"),
    [
        (COLOURS, "green", None, "no code 'green'"),
        (COLOURS, "RED", None, "no code 'RED'"),
        (COLOURS, "red", "2", "version 2"),
        ("urn:x", "a", None, "urn:x is not held"),
        (SNOMED, "1", None, "as far as it is held"),
    ],
)
def test_lookup_of_what_is_not_held_is_refused(world, system, code, version, says):
    with pytest.raises(UnknownTerminology, match=says):
        world().lookup(system, code, version=version)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Mammal", "Mammal", "equivalent"),
        ("mammal", "MAMMAL", "equivalent"),
        ("Mammal", "Bat", "subsumes"),
        ("Flyer", "Bat", "subsumes"),
        ("Animal", "Cat", "subsumes"),
        ("Cat", "Animal", "subsumed-by"),
        ("Cat", "Flyer", "not-subsumed"),
    ],
)
def test_subsumes_says_how_two_codes_relate(world, one, other, expected):
    assert world().subsumes(ANIMALS, one, other) == expected


def test_subsumes_follows_the_hierarchies_of_version_3(shipped):
    assert shipped.subsumes(ACT_REASON, "_ActCoverageReason", "COVSUS") == "subsumes"


def test_subsumes_needs_codes_that_exist(world):
    with pytest.raises(UnknownTerminology, match="'Dog'"):
        world().subsumes(ANIMALS, "Cat", "Dog")


def test_subsumes_needs_a_hierarchy_of_kinds(world):
    parts_of = {"url": "urn:p", "hierarchyMeaning": "part-of", "content": "complete"}
    system = {"resourceType": "CodeSystem", "concept": [{"code": "a"}]} | parts_of
    with pytest.raises(FilterNotSupported, match="part-of"):
        world(system).subsumes("urn:p", "a", "a")


@given(st.tuples(*[st.sampled_from(REASONS)] * 3))
def test_subsumption_is_transitive(codes):
    def is_above(one: str, other: str) -> bool:
        return SHIPPED.subsumes(ACT_REASON, one, other) in ("subsumes", "equivalent")

    first, second, third = codes
    if is_above(first, second) and is_above(second, third):
        assert is_above(first, third)


@given(st.tuples(*[st.sampled_from(REASONS)] * 2))
def test_what_is_below_one_code_has_that_code_above_it(codes):
    one, other = codes
    below, above = SHIPPED.below(ACT_REASON, one), SHIPPED.above(ACT_REASON, other)
    assert below is not None
    assert above is not None
    assert (other in below) == (one in above)


@pytest.mark.parametrize(
    ("code", "below", "above"),
    [
        ("Mammal", {"Mammal", "Bat", "Cat"}, {"Mammal", "Animal"}),
        ("bat", {"Bat"}, {"Bat", "Mammal", "Flyer", "Animal"}),
        ("Dog", None, None),
    ],
)
def test_below_and_above_have_the_code_and_its_kin(world, code, below, above):
    terminology = world()
    assert terminology.below(ANIMALS, code) == below
    assert terminology.above(ANIMALS, code) == above


@pytest.mark.parametrize("system", ["urn:x", LOINC, SNOMED])
def test_nothing_is_below_or_above_where_the_hierarchy_is_not_held(shipped, system):
    assert shipped.below(system, "1") is None
    assert shipped.above(system, "1") is None


@pytest.mark.parametrize(
    ("canonical", "system", "code", "expected"),
    [
        (GENDERS, GENDER, "male", YES),
        (GENDERS, GENDER, "Male", NO),
        (GENDERS, "urn:x", "male", NO),
        (GENDERS, None, "male", YES),
        (GENDERS, None, "males", NO),
        (f"{GENDERS}|4.0.1", GENDER, "male", YES),
        (f"{GENDERS}|3.0.0", GENDER, "male", UNKNOWN),
        ("urn:unknown", GENDER, "male", UNKNOWN),
        ("urn:unknown", None, "male", UNKNOWN),
        (CONDITIONS, SNOMED, "1", UNKNOWN),
        (CONDITIONS, GENDER, "male", NO),
        (url("beasts"), ANIMALS, "CAT", YES),
        (url("beasts"), ANIMALS, "DOG", NO),
        (url("ring"), ANIMALS, "Cat", UNKNOWN),
        (url("broken"), ANIMALS, "Cat", UNKNOWN),
    ],
)
def test_a_member_is_told_from_what_is_none_and_from_what_is_not_known(
    world, canonical, system, code, expected
):
    beasts = value_set("beasts", {"system": ANIMALS})
    ring = value_set("ring", {"valueSet": [url("ring")]})
    broken = value_set("broken") | {"compose": 1}
    assert world(beasts, ring, broken).member(canonical, system, code) is expected


def test_a_rule_decides_where_no_list_can():
    rule = _Rule("urn:even", lambda code: int(code) % 2 == 0)
    terminology = Terminology.load(rules={CONDITIONS: rule})
    judged = [terminology.member(CONDITIONS, *each) for each in (("urn:even", "2"), (SNOMED, "2"))]
    assert judged == [NO, NO]
    assert terminology.member("urn:other", "urn:even", "2") is UNKNOWN


class _Rule:
    def __init__(self, system, has):
        self.system, self.has = system, has


def test_a_rule_says_yes_to_its_own_codes():
    rules = {CONDITIONS: _Rule(SNOMED, str.isdigit)}
    terminology = Terminology.load(rules=rules)
    assert terminology.member(CONDITIONS, SNOMED, "3") is YES
    assert terminology.member(CONDITIONS, SNOMED, "x") is NO
    assert terminology.validate_code([Coding("3", SNOMED)], value_set=CONDITIONS).membership is YES


def test_a_resource_that_is_included_later_goes_before_the_earlier_one(world):
    other = value_set("red", {"system": COLOURS, "concept": [{"code": "blue"}]})
    terminology = world(RED)
    assert terminology.including([other]).codes(RED["url"]) == {COLOURS: {"blue"}}
    assert terminology.codes(RED["url"]) == {COLOURS: {"red"}}


def test_codes_are_all_of_a_value_set_by_system(world):
    assert world(RED).codes(RED["url"]) == {COLOURS: {"red"}}


@pytest.mark.parametrize(
    ("canonical", "failure"),
    [(CONDITIONS, UnknownTerminology), ("urn:x", UnknownTerminology), (GENDERS, TooCostly)],
)
def test_codes_are_refused_where_not_all_can_be_had(canonical, failure):
    with pytest.raises(failure):
        Terminology.load(limits=Limits(codes=3)).codes(canonical)


@pytest.mark.parametrize(
    ("coding", "expected", "says"),
    [
        pytest.param(Coding("red", COLOURS), YES, "", id="valid"),
        pytest.param(Coding("red", COLOURS, "ROSSO"), YES, "", id="display of the value set"),
        pytest.param(Coding("red", COLOURS, " red "), YES, "", id="display of the code system"),
        pytest.param(Coding("red", COLOURS, "Blue"), YES, "'Rosso', found 'Blue'", id="wrong one"),
        pytest.param(Coding("red"), YES, "", id="system implied"),
        pytest.param(Coding("blue", COLOURS), NO, "blue is not in the value set", id="not in it"),
        pytest.param(Coding("red", "urn:x"), NO, f"With the system {COLOURS}", id="wrong system"),
        pytest.param(Coding("blue"), NO, "(no system)#blue", id="no system fits"),
    ],
)
@pytest.mark.parametrize("is_inline", [True, False], ids=["inline", "by URL"])
def test_a_code_is_validated_against_a_value_set(world, coding, expected, says, is_inline):
    verdict = world(RED).validate_code([coding], value_set=RED if is_inline else RED["url"])
    assert verdict.membership is expected
    assert says in verdict.message
    assert bool(verdict.message) == bool(says)


@pytest.mark.parametrize(
    ("coding", "code_system", "expected"),
    [
        (Coding("red", COLOURS), None, YES),
        (Coding("green", COLOURS), None, NO),
        (Coding("red"), COLOURS, YES),
        (Coding("red", ANIMALS), COLOURS, NO),
        (Coding("cat", ANIMALS), None, YES),
        (Coding("red", COLOURS, version="1"), None, YES),
        (Coding("red", COLOURS, version="2"), None, UNKNOWN),
        (Coding("1", SNOMED), None, UNKNOWN),
        (Coding("1"), None, UNKNOWN),
    ],
)
def test_a_code_is_validated_against_its_code_system(world, coding, code_system, expected):
    verdict = world().validate_code([coding], code_system=code_system)
    assert verdict.membership is expected
    assert bool(verdict.issues) == (expected is not YES)


@pytest.mark.parametrize(
    ("codings", "expected"),
    [
        ([Coding("x", COLOURS), Coding("red", COLOURS)], YES),
        ([Coding("x", COLOURS), Coding("1", SNOMED)], UNKNOWN),
        ([Coding("1", SNOMED), Coding("red", COLOURS)], YES),
        ([Coding("x", COLOURS), Coding("y", COLOURS)], NO),
    ],
)
def test_of_several_codings_the_best_decides(world, codings, expected):
    assert world().validate_code(codings).membership is expected


def test_a_wrong_display_is_a_warning_with_the_right_one(world):
    verdict = world().validate_code([Coding("red", COLOURS, "Bleu")])
    (issue,) = verdict.issues
    assert (issue.severity, issue.code) == (Severity.WARNING, IssueCode.CODE_INVALID)
    assert verdict.display == "Red"


def test_a_code_that_cannot_be_checked_is_noted_and_not_refused(shipped):
    verdict = shipped.validate_code([Coding("1", SNOMED)], value_set=CONDITIONS)
    (issue,) = verdict.issues
    assert issue.severity is Severity.INFORMATION
    assert "no terminology server is configured" in issue.diagnostics
    assert not issue.is_error


def test_what_is_not_held_is_asked_elsewhere_and_nothing_else_is(world):
    server = Server([])
    terminology = world(RED).asking(server)
    assert terminology.member("urn:other", LOINC, "1-8") is YES
    assert terminology.member("urn:other", LOINC, "2-8") is NO
    assert terminology.member(RED["url"], LOINC, "1-8") is NO
    verdict = terminology.validate_code([Coding("1-8", LOINC, "Aciclovir")])
    assert (verdict.membership, verdict.display) == (YES, "Acyclovir")
    assert "'Acyclovir', found 'Aciclovir'" in verdict.message
    assert server.asked == [
        Question(LOINC, "1-8", "urn:other"),
        Question(LOINC, "2-8", "urn:other"),
        Question(LOINC, "1-8"),
    ]


def test_an_answer_from_elsewhere_may_be_that_it_is_not_known_there_either(shipped):
    verdict = shipped.asking(Server([])).validate_code([Coding("1", SNOMED)], value_set=CONDITIONS)
    assert verdict.membership is UNKNOWN
    assert "it is not known there" in verdict.message


def test_lookup_and_expand_go_elsewhere_for_what_is_not_held(shipped):
    terminology = shipped.asking(Server([]))
    assert parts(terminology.lookup(LOINC, "1-8"), "name") == ["1-8"]
    expanded = terminology.expand(CONDITIONS)["expansion"]
    assert [each["code"] for each in expanded["contains"]] == ["1", "2"]
    assert parts(terminology.lookup(GENDER, "male"), "name") == ["AdministrativeGender"]


def test_a_code_that_a_whole_code_system_lacks_is_not_asked_elsewhere(shipped):
    with pytest.raises(UnknownTerminology):
        shipped.asking(Server([])).lookup(GENDER, "males")
