"""The conformance resources of R4 core, made from the tables."""

from pathlib import Path

import pytest

from psolink.definitions import DefinitionsMissing, Labels, load_definitions, load_labels
from psolink.fhir_json import JsonObject
from psolink.terminology import CoreResources, TerminologyTables
from psolink.validation import Validator

DEFINITIONS = load_definitions()
CORE = CoreResources(DEFINITIONS)
SIZES = {
    "CodeSystem": 1059,
    "ValueSet": 1309,
    "ConceptMap": 76,
    "NamingSystem": 2,
    "StructureDefinition": 211,
    "SearchParameter": 1387,
    "OperationDefinition": 46,
    "CompartmentDefinition": 5,
}


def snapshot(name: str) -> dict[str, JsonObject]:
    structure = CORE.get("StructureDefinition", name)
    assert structure is not None
    return {each["path"]: each for each in structure["snapshot"]["element"]}


def test_there_are_resources_of_eight_types():
    assert set(CORE.resource_types) == SIZES.keys()
    assert CORE.get("Patient", "example") is None
    assert list(CORE.all("Patient")) == []


@pytest.mark.parametrize(("resource_type", "size"), SIZES.items())
def test_every_resource_is_valid_and_found_by_its_id(resource_type, size):
    validator = Validator(DEFINITIONS)
    found = list(CORE.all(resource_type))
    assert len({each["id"] for each in found}) == len(found) == size
    for each in found:
        assert each["resourceType"] == resource_type
        # Names with blanks or dots in them are R4's own, and a warning.
        assert [issue for issue in validator.validate(each) if issue.is_error] == []
        assert CORE.get(resource_type, each["id"]) == each


@pytest.mark.parametrize("resource_type", SIZES)
def test_an_id_that_r4_does_not_have_is_not_found(resource_type):
    assert CORE.get(resource_type, "none-such") is None


def test_every_resource_says_where_it_comes_from():
    firsts = [next(CORE.all(name)) for name in SIZES]
    codes = {each["meta"]["tag"][0]["code"] for each in firsts}
    assert codes == {"r4-core"}


def test_a_code_system_is_found_by_an_id_that_its_url_does_not_end_with():
    found = CORE.get("CodeSystem", "audit-source-type")
    assert found is not None
    assert found["url"] == "http://terminology.hl7.org/CodeSystem/security-source-type"


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("Patient", "Patient", {"min": 0, "max": "*"}),
        ("Patient", "Patient.contact", {"type": [{"code": "BackboneElement"}], "max": "*"}),
        ("Patient", "Patient.contact.gender", {"min": 0, "max": "1"}),
        ("Patient", "Patient.link.other", {"min": 1, "isSummary": True}),
        ("Patient", "Patient.active", {"isModifier": True}),
        (
            "Patient",
            "Patient.text",
            {"base": {"path": "DomainResource.text", "min": 0, "max": "1"}},
        ),
        ("Observation", "Observation.component.referenceRange", {"max": "*"}),
        ("Timing", "Timing.repeat", {"type": [{"code": "Element"}]}),
        ("Extension", "Extension.url", {"representation": ["xmlAttr"], "min": 1}),
        ("SimpleQuantity", "Quantity.value", {"max": "1"}),
    ],
)
def test_an_element_is_as_the_specification_says(name, path, expected):
    element = snapshot(name)[path]
    assert {key: element[key] for key in expected} == expected


def test_an_element_that_repeats_another_one_refers_to_it():
    element = snapshot("Observation")["Observation.component.referenceRange"]
    assert element["contentReference"] == "#Observation.referenceRange"
    assert "type" not in element


def test_a_choice_is_one_element_with_all_of_its_types():
    types = snapshot("Observation")["Observation.value[x]"]["type"]
    assert len(types) == 11
    assert types[0] == {"code": "Quantity"}


def test_a_reference_names_its_targets_and_a_constrained_type_its_profile():
    core = "http://hl7.org/fhir/StructureDefinition"
    encounter = snapshot("AdverseEvent")["AdverseEvent.encounter"]["type"]
    assert encounter == [{"code": "Reference", "targetProfile": [f"{core}/Encounter"]}]
    low = snapshot("Observation")["Observation.referenceRange.low"]["type"]
    assert low == [{"code": "Quantity", "profile": [f"{core}/SimpleQuantity"]}]


def test_a_logical_id_and_an_attribute_are_no_elements_of_their_own():
    for path in ("Patient.id", "Patient.contact.id"):
        (declared,) = snapshot("Patient")[path]["type"]
        assert declared["code"] == "http://hl7.org/fhirpath/System.String"


def test_a_modifier_says_why_it_is_one():
    with_reason = {path for path, each in snapshot("Patient").items() if "isModifierReason" in each}
    modifiers = {path for path, each in snapshot("Patient").items() if each["isModifier"]}
    assert with_reason == modifiers
    assert "Patient.active" in modifiers


def test_a_binding_names_its_value_set_and_how_far_it_may_be_left():
    binding = snapshot("Patient")["Patient.language"]["binding"]
    assert binding["strength"] == "preferred"
    assert binding["valueSet"] == "http://hl7.org/fhir/ValueSet/languages"
    assert binding["extension"][0]["valueCanonical"].endswith("/all-languages")


def test_rules_stand_where_they_hold_and_are_said_in_words():
    rules = {each["key"]: each for each in snapshot("Observation")["Observation"]["constraint"]}
    assert rules.keys() >= {"dom-2", "dom-6", "obs-6", "obs-7"}
    assert rules["obs-6"]["human"].startswith("dataAbsentReason SHALL only be present if")


def test_a_primitive_has_a_value_of_a_system_type():
    value = snapshot("date")["date.value"]["type"][0]
    assert value["code"] == "http://hl7.org/fhirpath/System.Date"
    assert value["extension"][0]["valueString"].startswith("([0-9]([0-9]")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Patient", {"kind": "resource", "type": "Patient", "derivation": "specialization"}),
        ("Resource", {"kind": "resource", "abstract": True}),
        ("Period", {"kind": "complex-type", "type": "Period"}),
        ("id", {"kind": "primitive-type", "type": "id"}),
        (
            "SimpleQuantity",
            {"kind": "complex-type", "type": "Quantity", "derivation": "constraint"},
        ),
    ],
)
def test_a_structure_says_what_it_is(name, expected):
    structure = CORE.get("StructureDefinition", name)
    assert structure is not None
    assert {key: structure[key] for key in expected} == expected
    assert ("baseDefinition" in structure) == (name != "Resource")


def test_paths_are_unique_and_each_stands_below_the_one_before_its_dot():
    for structure in CORE.all("StructureDefinition"):
        paths = [each["path"] for each in structure["snapshot"]["element"]]
        assert len(set(paths)) == len(paths)
        assert all(path.rpartition(".")[0] in paths for path in paths[1:])
        assert paths[0] == structure["type"]


def test_labels_are_read_when_a_structure_is_asked_for():
    read: list[int] = []

    def labels() -> Labels:
        read.append(1)
        return load_labels()

    core = CoreResources(DEFINITIONS, labels=labels)
    assert core.get("SearchParameter", "clinical-code") is not None
    assert read == []
    assert core.get("StructureDefinition", "Patient") is not None
    assert core.get("StructureDefinition", "Group") is not None
    assert read == [1]


def test_a_compartment_lists_every_resource_type():
    patient = CORE.get("CompartmentDefinition", "patient")
    assert patient is not None
    resources = {each["code"]: each.get("param") for each in patient["resource"]}
    assert len(resources) == 146
    assert resources["Observation"] == ["subject", "performer"]
    assert resources["Medication"] is None


def test_an_operation_has_its_parameters():
    expand = CORE.get("OperationDefinition", "ValueSet-expand")
    assert expand is not None
    names = [each["name"] for each in expand["parameter"]]
    assert {"url", "valueSet", "filter", "offset", "count", "return"} <= set(names)


def test_tables_that_are_missing_say_how_to_make_them(tmp_path: Path):
    with pytest.raises(DefinitionsMissing, match="psolink definitions build"):
        TerminologyTables(tmp_path).rows("ValueSet")


def test_a_table_is_read_once(tmp_path: Path):
    (tmp_path / "value_sets.json").write_text('{"urn:a": {"id": "a"}}')
    tables = TerminologyTables(tmp_path)
    assert list(tables.resources("ValueSet")) == [{"resourceType": "ValueSet", "id": "a"}]
    (tmp_path / "value_sets.json").unlink()
    assert tables.keys_by_id("ValueSet") == {"a": "urn:a"}
