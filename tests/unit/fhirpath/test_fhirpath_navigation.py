import pytest

from psolink.fhirpath import FhirPathError, element_node

BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"fullUrl": "urn:1", "resource": {"resourceType": "Patient", "id": "p", "active": True}},
        {"fullUrl": "urn:2", "resource": {"resourceType": "Group", "id": "g", "actual": True}},
    ],
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("id", ["ann"]),
        ("Patient.id", ["ann"]),
        ("Resource.id", ["ann"]),
        ("DomainResource.id", ["ann"]),
        ("Observation.id", []),
        ("Resource.meta.profile", ["http://example.org/p"]),
        ("name.family", ["Bell"]),
        ("Patient.name.given", ["Ann", None, "Sue", "Ann"]),
        ("name[1].given[0]", ["Ann"]),
        ("name[7]", []),
        ("name.where(use = 'usual').text", ["Annie"]),
        ("deceased", [False]),
        ("multipleBirth", [2]),
        ("contained.name", ["Ward 5"]),
        ("name.given.extension.value", ["masked"]),
        ("birthDate.extension('urn:time').value", ["1974-12-25T14:35:45-05:00"]),
        ("birthDate.id", ["b1"]),
        ("birthDate.value", ["1974-12-25"]),
        ("birthDate.extension.url", ["urn:time"]),
        ("photo.title", []),
        ("%resource.id", ["ann"]),
        ("%context.id", ["ann"]),
        ("name.select(%resource.id)", ["ann", "ann"]),
        ("$this.id", ["ann"]),
        ("Patient.name.family | Practitioner.name.family", ["Bell"]),
    ],
)
def test_a_path_finds_the_values(values, expression, expected):
    assert values(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("value.value", [107.5]),
        ("value.unit", ["kg"]),
        ("(Observation.value as Quantity).unit", ["kg"]),
        ("value.ofType(string)", []),
        ("component.value", [1, "two", None]),
        ("component.value.ofType(string)", ["two", None]),
        ("component.value.extension.url", ["urn:absent"]),
        ("effective.start", ["2020-01-01"]),
    ],
)
def test_a_choice_is_found_by_its_name_without_the_type(observed, expression, expected):
    assert observed(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("birthDate.count()", [1]),
        ("name.given.count()", [4]),
        ("children().where($this is date).count()", [1]),
        ("birthDate.extension.value.count()", [1]),
        ("name.given.extension.value.count()", [1]),
        ("name.given.where($this = 'Sue').count()", [1]),
        ("name.given.hasValue()", [False]),
        ("name.given[1].hasValue()", [False]),
        ("name.given[0].hasValue()", [True]),
    ],
)
def test_a_primitive_with_an_extension_counts_once(values, expression, expected):
    assert values(expression) == expected


@pytest.mark.parametrize(
    ("expression", "path", "type_name"),
    [
        ("name.given.first()", "Patient.name[0].given[0]", "string"),
        ("name.given[3]", "Patient.name[1].given[0]", "string"),
        ("birthDate", "Patient.birthDate", "date"),
        ("contained.name", "Patient.contained[0].name", "string"),
        ("meta", "Patient.meta", "Meta"),
        ("id", "Patient.id", "id"),
        ("deceased", "Patient.deceased", "boolean"),
    ],
)
def test_an_item_knows_its_path_and_type(nodes, expression, path, type_name):
    (found,) = nodes(expression)
    assert (found.path, found.type) == (path, type_name)


def test_an_inner_resource_has_its_own_type(nodes):
    found = nodes("Bundle.entry.resource", BUNDLE)
    assert [(each.type, each.path) for each in found] == [
        ("Patient", "Bundle.entry[0].resource"),
        ("Group", "Bundle.entry[1].resource"),
    ]


def test_children_are_all_properties_and_primitives_once(nodes):
    found = [each.name for each in nodes("children()", BUNDLE)]
    assert found == ["type", "entry", "entry"]
    assert [each.path for each in nodes("birthDate.children()")] == [
        "Patient.birthDate.id",
        "Patient.birthDate.extension[0]",
    ]


def test_descendants_reach_into_inner_resources(values):
    assert True in values("descendants()", BUNDLE)
    assert values("descendants().where($this is boolean).count()", BUNDLE) == [2]


def test_an_element_can_be_the_focus(compiler):
    expression = compiler.compile("extension.exists() != value.exists()")
    (found,) = expression(element_node("Extension", {"url": "urn:x", "valueString": "y"}))
    assert found.value is True


def test_the_resource_of_an_element_is_given_with_it(compiler):
    resource = element_node("Patient", {"resourceType": "Patient", "id": "a"})
    (found,) = compiler.compile("%resource.id")(element_node("HumanName", {}), resource=resource)
    assert found.value == "a"


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("Patient.nmae", id="a name that no type has"),
        pytest.param("Patient.deceasedBoolean", id="a choice with its type in the name"),
        pytest.param("name.fisrt()", id="an unknown function"),
        pytest.param("name.first(1)", id="an argument too many"),
        pytest.param("name.where()", id="an argument too few"),
        pytest.param("%unknown", id="an unknown value of the environment"),
        pytest.param("value.ofType(Quantitee)", id="an unknown type"),
        pytest.param("value is FHIR.Integer", id="a type of the wrong namespace"),
        pytest.param("value.ofType('Quantity')", id="a string as a type"),
        pytest.param("name.matches('(')", id="a pattern that is wrong"),
    ],
)
def test_what_the_engine_does_not_have_is_refused_before_anything_is_evaluated(
    compiler, expression
):
    with pytest.raises(FhirPathError):
        compiler.compile(expression)


def test_a_refusal_suggests_the_function_that_was_meant(compiler):
    with pytest.raises(FhirPathError, match=r"did you mean where\(\)\? \(at offset 5\)"):
        compiler.compile("name.were(use = 'usual')")
