"""What the tables say, checked against the text of the specification."""

import json
from pathlib import Path

import pytest

from psolink.definitions import Binding, DefinitionsMissing, Element, load_definitions

VALUE_SET = "http://hl7.org/fhir/ValueSet/"


def test_there_are_as_many_resource_types_as_in_r4(definitions):
    assert len(definitions.resource_types) == 146
    assert {"AdverseEvent", "Parameters", "Bundle"} < definitions.resource_types
    assert not {"Resource", "DomainResource", "Quantity"} & definitions.resource_types


@pytest.mark.parametrize(
    ("type_name", "name", "expected"),
    [
        ("AdverseEvent", "actuality", {"type": "code", "min": 1, "max": 1, "is_modifier": True}),
        ("AdverseEvent", "category", {"type": "CodeableConcept", "min": 0, "max": None}),
        ("AdverseEvent", "suspectEntity", {"type": "AdverseEvent.suspectEntity", "is_list": True}),
        ("AdverseEvent", "encounter", {"type": "Reference", "targets": ("Encounter",)}),
        ("AdverseEvent.suspectEntity", "instance", {"min": 1, "type": "Reference"}),
        ("AdverseEvent", "contained", {"type": "Resource", "max": None, "is_summary": False}),
        ("Observation", "valueQuantity", {"type": "Quantity", "choice_of": "value"}),
        ("Observation.component", "referenceRange", {"type": "Observation.referenceRange"}),
        ("Observation.referenceRange", "low", {"type": "Quantity", "profile": "SimpleQuantity"}),
        ("Bundle.entry", "link", {"type": "Bundle.link", "max": None}),
        ("Reference", "reference", {"type": "string", "is_xml_attribute": False}),
        ("Extension", "url", {"type": "uri", "min": 1, "is_xml_attribute": True}),
        ("Extension", "valueReference", {"type": "Reference", "targets": ()}),
        ("Questionnaire.item", "item", {"type": "Questionnaire.item"}),
        ("QuestionnaireResponse", "questionnaire", {"targets": ("Questionnaire",)}),
        ("Timing.repeat", "boundsPeriod", {"choice_of": "bounds"}),
    ],
)
def test_an_element_is_as_the_specification_says(definitions, type_name, name, expected):
    element = definitions.types[type_name].elements[name]
    assert {key: getattr(element, key) for key in expected} == expected


@pytest.mark.parametrize(("most", "is_list"), [(1, False), (2, True), (None, True)])
def test_what_may_come_more_than_once_is_a_list(most: int | None, *, is_list: bool):
    assert Element("x", "string", max=most).is_list is is_list


def test_every_element_has_a_type_that_is_defined(definitions):
    used = {e.type for each in definitions.types.values() for e in each.elements.values()}
    used |= {e.profile for each in definitions.types.values() for e in each.elements.values()}
    assert len(used) > 500
    assert not used - {None} - definitions.types.keys()


def test_the_elements_of_a_type_are_in_the_order_of_its_definition(definitions):
    names = list(definitions.types["HumanName"].elements)
    assert names == [
        "id",
        "extension",
        "use",
        "text",
        "family",
        "given",
        "prefix",
        "suffix",
        "period",
    ]


def test_the_members_of_a_choice_are_together(definitions):
    chosen = definitions.types["Annotation"].choices["author"]
    assert [each.name for each in chosen] == ["authorReference", "authorString"]


def test_a_simple_quantity_has_no_comparator(definitions):
    simple, full = (definitions.types[name].elements for name in ("SimpleQuantity", "Quantity"))
    assert full.keys() - simple.keys() == {"comparator"}


def test_an_invariant_is_declared_once_and_inherited(definitions):
    assert not definitions.types["AdverseEvent"].invariants
    keys = [rule.key for rule in definitions.invariants("AdverseEvent")]
    assert keys == ["dom-2", "dom-3", "dom-4", "dom-5", "dom-6"]
    assert [rule.key for rule in definitions.invariants("Patient.contact")] == ["pat-1", "ele-1"]
    assert [rule.key for rule in definitions.invariants("Age")] == ["age-1", "qty-3", "ele-1"]


def test_an_invariant_of_an_element_stays_with_it(definitions):
    (rule,) = definitions.types["Organization"].elements["telecom"].invariants
    assert rule.key == "org-3"


def test_all_invariants_of_r4_are_there(definitions):
    rules = {rule for each in definitions.types.values() for rule in each.invariants}
    elements = (e for each in definitions.types.values() for e in each.elements.values())
    rules |= {rule for element in elements for rule in element.invariants}
    assert len({rule.key for rule in rules}) == 239


def test_a_binding_names_its_value_set_without_a_version(definitions):
    binding = definitions.types["AdverseEvent"].elements["severity"].binding
    assert binding == Binding(f"{VALUE_SET}adverse-event-severity", "required")


def test_the_codes_of_a_required_value_set_are_listed_by_system(definitions):
    codes = definitions.codes(f"{VALUE_SET}adverse-event-severity|4.0.1")
    system = "http://terminology.hl7.org/CodeSystem/adverse-event-severity"
    assert codes == {system: {"mild", "moderate", "severe"}}


@pytest.mark.parametrize("name", ["mimetypes", "adverse-event-type", "nothing-of-the-kind"])
def test_a_value_set_that_is_not_a_closed_list_has_no_codes(definitions, name: str):
    assert definitions.codes(VALUE_SET + name) is None


def test_every_required_binding_is_listed_or_special(definitions):
    listed = special = 0
    for each in definitions.types.values():
        bindings = {e.choice_of or e.name: e.binding for e in each.elements.values()}.values()
        required = [b.value_set for b in bindings if b and b.strength == "required"]
        special += sum(url in definitions.special_value_sets for url in required)
        listed += sum(bool(definitions.codes(url)) for url in required)
    # One of the 351 is the comparator that SimpleQuantity prohibits.
    assert (listed, special) == (350, 17)


def test_a_search_parameter_keeps_its_facts(definitions):
    found = {
        (base, each.code): each for each in definitions.search_parameters for base in each.base
    }
    recorder = found["AdverseEvent", "recorder"]
    assert (recorder.type, recorder.expression) == ("reference", "AdverseEvent.recorder")
    assert recorder.target == ("Practitioner", "Patient", "PractitionerRole", "RelatedPerson")
    parts = found["Observation", "code-value-quantity"].component
    assert [part.expression for part in parts] == ["code", "value.ofType(Quantity)"]
    assert "ge" in found["AdverseEvent", "date"].comparator


def test_no_type_has_two_search_parameters_of_one_code(definitions):
    keys = [(base, each.code) for each in definitions.search_parameters for base in each.base]
    assert len(keys) == len(set(keys)) > 1700


def test_the_compartments_are_those_of_r4(definitions):
    compartments = definitions.compartments
    assert set(compartments) == {"Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"}
    assert compartments["Patient"].parameters["AdverseEvent"] == ("subject",)
    assert "AdverseEvent" not in compartments["Device"].parameters


def test_an_operation_says_where_it_can_be_called(definitions):
    (lookup,) = [each for each in definitions.operations if each.code == "lookup"]
    assert (lookup.resource, lookup.system, lookup.type) == (("CodeSystem",), False, True)
    properties = [each for each in lookup.parameter if each.name == "property"]
    assert [(each.use, each.max, len(each.part)) for each in properties] == [
        ("in", None, 0),
        ("out", None, 4),
    ]


def test_a_missing_table_is_reported_with_the_way_to_make_it(tmp_path: Path):
    with pytest.raises(DefinitionsMissing, match=r"codes\.json.*psolink definitions build"):
        load_definitions(tmp_path)


def test_a_table_of_another_shape_is_reported(tmp_path: Path):
    (tmp_path / "codes.json").write_text(json.dumps({"special": 1}))
    with pytest.raises(DefinitionsMissing, match="special"):
        load_definitions(tmp_path)
