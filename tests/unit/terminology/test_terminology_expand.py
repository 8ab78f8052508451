"""$expand: https://hl7.org/fhir/R4/valueset-operation-expand.html."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psolink.definitions import load_definitions
from psolink.outcome import IssueCode
from psolink.terminology import (
    Coding,
    FilterNotSupported,
    InvalidTerminology,
    Limits,
    Membership,
    Page,
    Terminology,
    TooCostly,
    UnknownTerminology,
)
from psolink.validation import Validator

from .conftest import ANIMALS, COLOURS, NOW, codes_of, url, value_set

SHIPPED = Terminology.load(clock=lambda: NOW)
DEFINITIONS = load_definitions()
CLOSED = sorted(DEFINITIONS.value_sets)
OURS = "https://psolink.example/fhir"
VALUE_SET = "http://hl7.org/fhir/ValueSet"
V3 = "http://terminology.hl7.org/ValueSet"


def colours(**more: object) -> dict[str, object]:
    return {"system": COLOURS} | more


def animals(op: str, value: str, prop: str = "concept") -> dict[str, object]:
    return {"system": ANIMALS, "filter": [{"property": prop, "op": op, "value": value}]}


def having(op: str, value: str, prop: str = "warm") -> dict[str, object]:
    return colours(filter=[{"property": prop, "op": op, "value": value}])


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        pytest.param(colours(), "red crimson scarlet blue navy mauve", id="a whole system"),
        pytest.param(
            colours(concept=[{"code": "navy"}, {"code": "red"}]), "navy red", id="listed codes"
        ),
        pytest.param(animals("is-a", "Mammal"), "Mammal Bat Cat", id="is-a"),
        pytest.param(animals("is-a", "Flyer"), "Bat Flyer", id="is-a by the property child"),
        pytest.param(animals("descendent-of", "Mammal"), "Bat Cat", id="descendent-of"),
        pytest.param(animals("is-not-a", "Mammal"), "Animal Flyer", id="is-not-a"),
        pytest.param(animals("generalizes", "Bat"), "Animal Mammal Bat Flyer", id="generalizes"),
        pytest.param(animals("in", "Cat, Bat"), "Bat Cat", id="in"),
        pytest.param(animals("not-in", "Cat,Bat,Animal"), "Mammal Flyer", id="not-in"),
        pytest.param(animals("=", "Cat"), "Cat", id="= on the code"),
        pytest.param(animals("regex", "[BC]at"), "Bat Cat", id="regex matches the whole code"),
        pytest.param(animals("regex", "at"), "", id="regex does not match a part"),
        pytest.param(animals("=", "Flyer", "parent"), "Bat", id="= on parent"),
        pytest.param(animals("=", "Bat", "child"), "Mammal Flyer", id="= on child"),
        pytest.param(
            animals("=", "false", "notSelectable"),
            "Mammal Bat Cat Flyer",
            id="a flag that is not set is false",
        ),
        pytest.param(having("=", "true"), "red", id="= on a property"),
        pytest.param(having("exists", "true"), "red blue", id="exists"),
        pytest.param(having("exists", "false"), "crimson scarlet navy mauve", id="not exists"),
        pytest.param(having("in", "true,false"), "red blue", id="in on a property"),
        pytest.param(having("not-in", "true"), "crimson scarlet blue navy mauve", id="not-in"),
        pytest.param(having("regex", "R.*", "display"), "red", id="regex on the display"),
    ],
)
def test_an_include_has_the_codes_that_it_describes(world, include, expected):
    expanded = world().expand(value_set("one", include))
    assert codes_of(expanded) == expected.split()


def test_two_filters_both_have_to_pass(world):
    both = [
        {"property": "warm", "op": "exists", "value": "true"},
        {"property": "concept", "op": "is-a", "value": "blue"},
    ]
    assert codes_of(world().expand(value_set("one", colours(filter=both)))) == ["blue"]


def test_includes_are_united_and_each_code_is_listed_once(world):
    union = value_set("one", having("=", "true"), colours(concept=[{"code": "red"}]), colours())
    assert codes_of(world().expand(union)) == ["red", "crimson", "scarlet", "blue", "navy", "mauve"]


def test_excluded_codes_are_left_out(world):
    warm_less = value_set("one", colours(), exclude=[having("=", "true"), having("=", "false")])
    assert codes_of(world().expand(warm_less)) == ["crimson", "scarlet", "navy", "mauve"]


def test_an_include_of_a_value_set_is_cut_down_to_its_system(world):
    mixed = value_set("mixed", colours(concept=[{"code": "red"}]), animals("=", "Cat"))
    only_animals = value_set("one", {"system": ANIMALS, "valueSet": [mixed["url"]]})
    assert codes_of(world(mixed).expand(only_animals)) == ["Cat"]


def test_of_several_value_sets_in_an_include_all_must_have_the_code(world):
    warm, red = value_set("warm", having("exists", "true")), value_set("red", having("=", "true"))
    both = value_set("one", {"valueSet": [warm["url"], red["url"]]})
    assert codes_of(world(warm, red).expand(both)) == ["red"]


def test_inactive_codes_are_left_out_where_the_value_set_says_so(world):
    assert "mauve" not in codes_of(world().expand(value_set("one", colours(), inactive=False)))


@pytest.mark.parametrize(
    ("name", "value", "is_listed"),
    [
        ("inactive", {"valueBoolean": True}, False),
        ("inactive", {"valueBoolean": False}, True),
        ("status", {"valueCode": "retired"}, False),
        ("status", {"valueCode": "deprecated"}, True),
    ],
)
def test_a_code_is_inactive_when_it_is_said_to_be_or_retired(world, name, value, is_listed):
    concept = {"code": "a", "property": [{"code": name} | value]}
    system = {"resourceType": "CodeSystem", "url": "urn:s", "content": "complete"}
    active = value_set("one", {"system": "urn:s"}, inactive=False)
    found = codes_of(world(system | {"concept": [concept]}).expand(active))
    assert found == (["a"] if is_listed else [])


def test_a_concept_may_name_its_parent(world):
    child = {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]}
    system = {"resourceType": "CodeSystem", "url": "urn:s", "content": "complete"}
    terminology = world(system | {"concept": [{"code": "a"}, child]})
    assert terminology.below("urn:s", "a") == {"a", "b"}


def test_a_value_set_that_is_an_expansion_has_the_codes_it_lists(world):
    listed = {"system": COLOURS, "code": "red", "contains": [{"system": COLOURS, "code": "navy"}]}
    frozen = {"resourceType": "ValueSet", "status": "active", "expansion": {"contains": [listed]}}
    assert codes_of(world().expand(frozen)) == ["red", "navy"]


def test_an_entry_says_what_is_known_of_its_code(world):
    with_display = colours(concept=[{"code": "red", "display": "Rosso"}])
    expanded = world().expand(value_set("one", with_display, having("=", "retired", "status")))
    assert expanded["expansion"]["contains"] == [
        {"system": COLOURS, "code": "red", "display": "Rosso"},
        {"system": COLOURS, "inactive": True, "code": "mauve"},
    ]


@pytest.mark.parametrize("name", ["notSelectable", "abstract"])
def test_a_concept_that_only_groups_others_is_marked(world, name):
    concept = {"code": "a", "property": [{"code": name, "valueBoolean": True}]}
    system = {"resourceType": "CodeSystem", "url": "urn:s", "content": "complete"}
    terminology = world(system | {"concept": [concept]})
    expanded = terminology.expand(value_set("one", {"system": "urn:s"}))
    assert expanded["expansion"]["contains"][0]["abstract"] is True


def test_the_expansion_says_when_it_was_made_and_by_which_version(world):
    expansion = world().expand(value_set("one", having("=", "true")))["expansion"]
    assert expansion["timestamp"] == "2026-01-02T03:04:05+00:00"
    assert expansion["parameter"] == [{"name": "version", "valueUri": f"{COLOURS}|1"}]


@pytest.mark.parametrize(
    ("page", "expected", "total"),
    [
        (Page(text="R"), ["red", "crimson", "scarlet"], 3),
        (Page(text="  sc  "), ["scarlet"], 1),
        (Page(text="green"), [], 0),
        (Page(count=2), ["red", "crimson"], 6),
        (Page(offset=4), ["navy", "mauve"], 6),
        (Page(offset=1, count=1), ["crimson"], 6),
        (Page(count=0), [], 6),
        (Page(offset=99, count=5), [], 6),
        (Page(active_only=True, offset=4), ["navy"], 5),
    ],
)
def test_a_page_has_what_is_asked_for_of_it(world, page, expected, total):
    expanded = world().expand(value_set("one", colours()), page)
    assert codes_of(expanded) == expected
    assert expanded["expansion"]["total"] == total


@pytest.mark.parametrize(
    ("include", "failure", "says"),
    [
        pytest.param(having("like", "r"), FilterNotSupported, "operator 'like'", id="operator"),
        pytest.param(having("=", "x", "taste"), FilterNotSupported, "'taste'", id="property"),
        pytest.param(having("is-a", "red"), FilterNotSupported, "'warm'", id="is-a on a property"),
        pytest.param(animals("is-a", "Dog"), InvalidTerminology, "'Dog'", id="unknown code"),
        pytest.param(having("exists", "yes"), InvalidTerminology, "true or false", id="exists"),
        pytest.param(animals("regex", "("), InvalidTerminology, "regular", id="broken regex"),
        pytest.param(animals("regex", "(a+)+b"), FilterNotSupported, "repeated", id="slow regex"),
        pytest.param(animals("regex", "a*a*a*a*a*b"), FilterNotSupported, "4 rep", id="many stars"),
        pytest.param(animals("regex", r"(a)\1"), FilterNotSupported, "back-ref", id="reference"),
        pytest.param(animals("regex", "a" * 201), FilterNotSupported, "200 char", id="long regex"),
        pytest.param({}, InvalidTerminology, "system or valueSet", id="empty include"),
        pytest.param({"system": "urn:x"}, UnknownTerminology, "urn:x", id="unknown system"),
        pytest.param({"valueSet": ["urn:y"]}, UnknownTerminology, "urn:y", id="unknown value set"),
        pytest.param(colours(version="2"), UnknownTerminology, "version 2", id="other version"),
        pytest.param(
            {"system": "http://snomed.info/sct"}, UnknownTerminology, "snomed", id="not present"
        ),
    ],
)
def test_what_cannot_be_expanded_is_refused_with_the_reason(world, include, failure, says):
    with pytest.raises(failure, match=says):
        world().expand(value_set("one", include))


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (FilterNotSupported, 422, IssueCode.NOT_SUPPORTED),
        (InvalidTerminology, 422, IssueCode.INVALID),
        (TooCostly, 422, IssueCode.TOO_COSTLY),
        (UnknownTerminology, 404, IssueCode.NOT_FOUND),
    ],
)
def test_a_failure_knows_its_status_and_code(failure, status, code):
    assert (failure.status, failure("why").issues[0].code) == (status, code)


def test_what_is_not_known_does_not_matter_where_it_changes_nothing(world):
    unknown_but_excluded = value_set("one", having("=", "true"), exclude=[{"system": "urn:x"}])
    assert codes_of(world().expand(unknown_but_excluded)) == ["red"]


def test_a_part_of_a_code_system_cannot_be_expanded(world):
    fragment = {"content": "fragment", "url": "urn:f", "concept": [{"code": "a"}]}
    system = {"resourceType": "CodeSystem", "status": "active"} | fragment
    with pytest.raises(UnknownTerminology, match="Only a part"):
        world(system).expand(value_set("one", {"system": "urn:f"}))


def test_is_a_does_not_hold_where_the_hierarchy_means_parts(world):
    parts = {"url": "urn:p", "hierarchyMeaning": "part-of", "content": "complete"}
    body = {"resourceType": "CodeSystem", "concept": [{"code": "body"}]} | parts
    is_a = {"property": "concept", "op": "is-a", "value": "body"}
    with pytest.raises(FilterNotSupported, match="part-of"):
        world(body).expand(value_set("one", {"system": "urn:p", "filter": [is_a]}))


def test_value_sets_in_a_circle_are_refused_by_name(world):
    ring = [value_set(a, {"valueSet": [url(b)]}) for a, b in ("ab", "bc", "ca")]
    with pytest.raises(InvalidTerminology, match=r"a → .*b → .*c → .*a"):
        world(*ring).expand(url("a"))


@pytest.mark.parametrize(
    "limits",
    [Limits(codes=5), Limits(candidates=5), Limits(parts=0)],
    ids=["codes", "all", "parts"],
)
def test_too_much_work_is_refused(world, limits):
    with pytest.raises(TooCostly):
        world(limits=limits).expand(value_set("one", colours()))


def test_a_page_of_too_many_codes_is_given(world):
    terminology = world(limits=Limits(codes=5))
    assert len(codes_of(terminology.expand(value_set("one", colours()), Page(count=6)))) == 5


def test_nesting_has_an_end(world):
    chain = [value_set(f"n{at}", {"valueSet": [url(f"n{at + 1}")]}) for at in range(30)]
    with pytest.raises(TooCostly, match="20 deep"):
        world(*chain).expand(url("n0"))


def test_doubling_at_each_level_has_an_end(world):
    twice = [
        value_set(f"d{at}", *[{"valueSet": [url(f"d{at + 1}")]} for _ in "ab"]) for at in range(15)
    ]
    with pytest.raises(TooCostly, match="50000"):
        world(*twice, value_set("d15", colours())).expand(url("d0"))


def test_a_value_set_in_another_version_is_not_held(world):
    terminology = world(value_set("one", colours()))
    assert terminology.expand(f"{url('one')}|1")["version"] == "1"
    with pytest.raises(UnknownTerminology):
        terminology.expand(f"{url('one')}|2")


@pytest.mark.parametrize("broken", [{"compose": []}, {"compose": {"include": [{"system": 1}]}}])
def test_what_is_no_value_set_is_refused(world, broken):
    with pytest.raises(InvalidTerminology, match="cannot be read"):
        world().expand({"resourceType": "ValueSet"} | broken)


@pytest.mark.parametrize(
    ("canonical", "some", "size"),
    [
        (f"{V3}/v3-PurposeOfUse", {"TREAT", "HPAYMT", "PATSFTY"}, 60),
        (f"{V3}/v3-ActMoodIntent", {"INT", "RQO", "PRMS"}, 10),
        (f"{VALUE_SET}/adverse-event-severity", {"mild", "moderate", "severe"}, 3),
        (f"{OURS}/ValueSet/pswp-purpose-blocking", {"accreditation"}, 9),
    ],
)
def test_value_sets_that_ship_are_expanded(shipped, canonical, some, size):
    found = codes_of(shipped.expand(canonical))
    assert some <= set(found)
    assert len(found) == size


@pytest.mark.parametrize("canonical", CLOSED)
def test_what_a_binding_requires_is_what_its_value_set_expands_to(shipped, canonical):
    found: dict[str, set[str]] = {}
    for each in shipped.expand(canonical)["expansion"]["contains"]:
        found.setdefault(each["system"], set()).add(each["code"])
    assert found == DEFINITIONS.value_sets[canonical]


def test_expansions_are_valid_resources(shipped):
    validator = Validator(DEFINITIONS)
    for canonical in CLOSED:
        issues = validator.validate(shipped.expand(canonical))
        assert [issue for issue in issues if issue.is_error] == []


@given(st.sampled_from(CLOSED), st.data())
def test_every_code_of_an_expansion_is_validated_and_a_member(canonical, data):
    entries = SHIPPED.expand(canonical)["expansion"]["contains"]
    entry = data.draw(st.sampled_from(entries))
    coding = Coding(entry["code"], entry["system"], entry.get("display"))
    verdict = SHIPPED.validate_code([coding], value_set=canonical)
    assert (verdict.membership, verdict.issues) == (Membership.YES, ())
    assert SHIPPED.member(canonical, entry["system"], entry["code"]) is Membership.YES


@given(st.sampled_from(CLOSED), st.text(min_size=1, max_size=8))
def test_any_other_code_is_neither_validated_nor_a_member(canonical, code):
    entries = SHIPPED.expand(canonical)["expansion"]["contains"]
    system = entries[0]["system"]
    is_in = any((each["system"], each["code"]) == (system, code) for each in entries)
    verdict = SHIPPED.validate_code([Coding(code, system)], value_set=canonical)
    assert (verdict.membership is Membership.YES) == is_in
    assert (SHIPPED.member(canonical, system, code) is Membership.YES) == is_in
