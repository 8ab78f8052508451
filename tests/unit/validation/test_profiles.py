"""Profiles: pairs of resources under profiles/ of which one breaks a single rule."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.validation import Validator
from psolink.validation.profiles import Profiles

FOLDER = Path(__file__).parent / "profiles"
PAIRS: list[JsonObject] = yaml.safe_load((FOLDER / "pairs.yaml").read_text())
KNOWN: list[JsonObject] = yaml.safe_load((FOLDER / "definitions.yaml").read_text())
DEFINITIONS = load_definitions()
URL = "http://example.org/StructureDefinition/under-test"
CORE = "http://hl7.org/fhir/StructureDefinition/"


def profile(of: str, elements: dict[str, JsonObject], **content: Any) -> JsonObject:
    return {
        "resourceType": "StructureDefinition",
        "url": URL,
        "type": of,
        "baseDefinition": f"{CORE}{of}",
        "differential": {
            "element": [{"id": name, **said} for name, said in elements.items()],
        },
    } | content


def judge(case: JsonObject, which: str):
    profiles = Profiles(DEFINITIONS, [*KNOWN, profile(case["of"], case["elements"])])
    return profiles.validate({"resourceType": case["of"]} | case[which], URL)


def title(case: JsonObject) -> str:
    return f"{case['number']} {case['title']}"


@pytest.mark.parametrize("case", PAIRS, ids=title)
def test_a_resource_that_keeps_the_profile_has_no_issue(case: JsonObject):
    assert judge(case, "valid") == []


@pytest.mark.parametrize("case", PAIRS, ids=title)
def test_a_resource_that_breaks_the_profile_has_that_one_issue(case: JsonObject):
    (issue,) = judge(case, "invalid")
    expected = case["issue"]
    assert (issue.code, issue.expression, issue.severity) == (
        expected["code"],
        expected["at"],
        expected["severity"],
    )
    assert expected["says"] in issue.diagnostics


@pytest.mark.parametrize("case", PAIRS, ids=title)
def test_the_base_rules_take_the_one_that_keeps_the_profile(validator: Validator, case: JsonObject):
    resource = {"resourceType": case["of"]} | case["valid"]
    assert not [issue for issue in validator.validate(resource) if issue.is_error]


def test_there_are_cases_enough():
    assert len({case["number"] for case in PAIRS}) == len(PAIRS) > 50


def test_a_chain_of_profiles_demands_what_each_of_them_does():
    derived = profile("Patient", {"Patient.gender": {"min": 1}}) | {
        "baseDefinition": "http://example.org/StructureDefinition/named"
    }
    issues = Profiles(DEFINITIONS, [*KNOWN, derived]).validate({"resourceType": "Patient"}, URL)
    assert {issue.expression for issue in issues} == {"Patient.name", "Patient.gender"}


def test_a_differential_without_ids_is_read_by_path_and_slice():
    elements = [
        {
            "path": "Patient.identifier",
            "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"},
        },
        {"path": "Patient.identifier", "sliceName": "a", "min": 1},
        {"path": "Patient.identifier.system", "fixedUri": "http://a.org"},
    ]
    given = profile("Patient", {}) | {"differential": {"element": elements}}
    judged = Profiles(DEFINITIONS, [given])
    sound = {"resourceType": "Patient", "identifier": [{"system": "http://a.org"}]}
    assert judged.validate(sound, URL) == []
    (issue,) = judged.validate({"resourceType": "Patient"}, URL)
    assert "slice a" in issue.diagnostics


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        pytest.param({"abstract": True}, "invalid", "is abstract", id="abstract"),
        pytest.param({"type": "Basic"}, "structure", "profile of Basic", id="another type"),
        pytest.param({"url": "http://b.org"}, "not-found", "not known", id="unknown"),
        pytest.param({"baseDefinition": URL}, "not-found", "builds on itself", id="a circle"),
        pytest.param({"baseDefinition": "http://b.org"}, "not-found", "http://b.org", id="no base"),
    ],
)
def test_a_profile_that_cannot_be_applied_is_an_issue(content: JsonObject, code: str, says: str):
    judged = Profiles(DEFINITIONS, [profile("Patient", {}, **content)])
    (issue,) = judged.validate({"resourceType": "Patient"}, URL)
    assert (issue.code, issue.is_error) == (code, True)
    assert says in issue.diagnostics


def test_a_type_of_r4_is_a_profile_too():
    judged = Profiles(DEFINITIONS, [])
    patient = {"resourceType": "Patient"}
    assert judged.validate(patient, f"{CORE}Patient") == []
    assert judged.validate(patient, f"{CORE}DomainResource") == []
    (issue,) = judged.validate(patient, f"{CORE}Basic")
    assert "profile of Basic" in issue.diagnostics


def test_a_version_of_a_profile_is_found_by_it_and_by_no_other():
    judged = Profiles(DEFINITIONS, [profile("Patient", {}, version="2.0")])
    patient = {"resourceType": "Patient"}
    assert judged.validate(patient, f"{URL}|2.0") == []
    assert [issue.code for issue in judged.validate(patient, f"{URL}|1.0")] == ["not-found"]


def test_an_issue_is_placed_below_where_the_caller_says():
    judged = Profiles(DEFINITIONS, [profile("Patient", {"Patient.name": {"min": 1}})])
    (issue,) = judged.validate({"resourceType": "Patient"}, URL, at="Bundle.entry[0].resource")
    assert issue.expression == "Bundle.entry[0].resource.name"


def test_a_binding_to_codes_that_are_not_known_is_information():
    binding = {"strength": "required", "valueSet": "http://example.org/ValueSet/none"}
    judged = Profiles(DEFINITIONS, [profile("Basic", {"Basic.code": {"binding": binding}})])
    basic = {"resourceType": "Basic", "code": {"coding": [{"system": "http://a.org", "code": "a"}]}}
    (issue,) = judged.validate(basic, URL)
    assert (issue.severity, issue.code) == ("information", "not-supported")


def test_a_resource_is_not_changed():
    before = json.dumps(PAIRS)
    for case in PAIRS:
        judge(case, "valid")
    assert json.dumps(PAIRS) == before


def test_only_so_many_issues_are_listed():
    judged = Profiles(DEFINITIONS, [profile("Patient", {"Patient.name.family": {"min": 1}})])
    issues = judged.validate({"resourceType": "Patient", "name": [{"text": "A"}] * 1000}, URL)
    assert (len(issues), issues[-1].severity) == (201, "information")


def test_a_profile_that_asks_for_itself_is_an_issue():
    elements: dict[str, JsonObject] = {
        "Patient.contained": {
            "slicing": {"discriminator": [{"type": "profile", "path": "$this"}], "rules": "open"}
        },
        "Patient.contained:self": {"type": [{"code": "Patient", "profile": [URL]}]},
    }
    judged = Profiles(DEFINITIONS, [profile("Patient", elements)])
    inner: JsonObject = {"resourceType": "Patient", "id": "a"}
    for _ in range(2000):
        inner = {"resourceType": "Patient", "id": "a", "contained": [inner]}
    assert [issue.code for issue in judged.validate(inner, URL)] == ["too-costly"]


def test_a_derived_profile_closes_the_slicing_of_its_base():
    slicing = {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}
    base = profile(
        "Patient",
        {
            "Patient.identifier": {"slicing": slicing},
            "Patient.identifier:a": {"min": 1},
            "Patient.identifier:a.system": {"fixedUri": "http://a.org"},
        },
        url="http://example.org/base",
    )
    derived = profile(
        "Patient",
        {"Patient.identifier": {"slicing": {"rules": "closed"}}},
        baseDefinition="http://example.org/base",
    )
    judged = Profiles(DEFINITIONS, [base, derived])
    sound = [{"system": "http://a.org", "value": "1"}]
    assert judged.validate({"resourceType": "Patient", "identifier": sound}, URL) == []
    more = [*sound, {"system": "http://b.org"}]
    (issue,) = judged.validate({"resourceType": "Patient", "identifier": more}, URL)
    assert issue.expression == "Patient.identifier[1]"


def test_a_profile_whose_base_is_not_known_is_judged_by_its_snapshot():
    elements = [{"id": "Patient", "path": "Patient"}, {"id": "Patient.name", "min": 1}]
    given = profile("Patient", {}, baseDefinition="http://example.org/none")
    judged = Profiles(DEFINITIONS, [given | {"snapshot": {"element": elements}}])
    (issue,) = judged.validate({"resourceType": "Patient"}, URL)
    assert issue.expression == "Patient.name"


def test_what_must_be_supported_is_told_only_where_asked_for():
    judged = Profiles(DEFINITIONS, [profile("Patient", {"Patient.name": {"mustSupport": True}})])
    patient = {"resourceType": "Patient"}
    assert judged.judge(patient, URL) == []
    (issue,) = judged.judge(patient, URL, is_thorough=True)
    assert (issue.severity, issue.expression) == ("information", "Patient.name")
    assert judged.judge(patient | {"name": [{"text": "A"}]}, URL, is_thorough=True) == []


def test_an_extension_whose_profile_is_not_known_is_told():
    url = "http://example.org/StructureDefinition/none"
    element = {"type": [{"code": "Extension", "profile": [url]}]}
    judged = Profiles(DEFINITIONS, [profile("Patient", {"Patient.extension:none": element})])
    patient = {"resourceType": "Patient", "extension": [{"url": url, "valueCode": "a"}]}
    (issue,) = judged.validate(patient, URL)
    assert (issue.severity, issue.expression) == ("information", "Patient.extension[0]")


def test_an_abstract_profile_is_judged_as_the_base_of_another():
    base = profile(
        "Patient", {"Patient.name": {"min": 1}}, url="http://example.org/base", abstract=True
    )
    derived = profile("Patient", {}, baseDefinition="http://example.org/base")
    (issue,) = Profiles(DEFINITIONS, [base, derived]).validate({"resourceType": "Patient"}, URL)
    assert issue.expression == "Patient.name"


def test_the_invariants_of_a_profile_cannot_run_away():
    costly = "name.select(%resource.name.select(%resource.name.select(given))).count() >= 0"
    constraint = {"key": "t-1", "severity": "error", "human": "Costly.", "expression": costly}
    judged = Profiles(DEFINITIONS, [profile("Patient", {"Patient": {"constraint": [constraint]}})])
    patient = {"resourceType": "Patient", "name": [{"given": ["A"]}] * 300}
    (issue,) = judged.validate(patient, URL)
    assert (issue.severity, issue.code) == ("information", "processing")


@pytest.mark.parametrize(
    ("path", "slices", "names"),
    [
        ("select(%s).select(%s).select(%s).select(%s).select(%s)", 1, 100),
        ("$this", 1100, 1000),
    ],
    ids=["a path that finds ever more", "more slices than can be compared"],
)
def test_slices_take_a_bounded_number_of_steps(path: str, slices: int, names: int):
    ten = " | ".join(map(str, range(10)))
    discriminator: JsonObject = {"type": "exists", "path": path.replace("%s", ten)}
    elements: dict[str, JsonObject] = {
        "Patient.name": {"slicing": {"discriminator": [discriminator], "rules": "open"}}
    }
    elements |= {f"Patient.name:s{n}": {"sliceName": f"s{n}"} for n in range(slices)}
    given: JsonObject = {"resourceType": "Patient", "name": [{"family": "x"}] * names}
    (issue,) = Profiles(DEFINITIONS, [profile("Patient", elements)]).validate(given, URL)
    assert (issue.code, issue.severity) == ("processing", "information")
    assert "too many steps" in issue.diagnostics
