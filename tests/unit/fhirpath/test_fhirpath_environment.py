from datetime import UTC, datetime

import pytest
from tests.unit.fhirpath.conftest import PATIENT

from psolink.fhirpath import Environment, FhirPathError, resource_node
from psolink.fhirpath.nodes import integer

GENDERS = "http://example.org/genders"
CODED = {
    "resourceType": "Observation",
    "code": {"coding": [{"system": "urn:a", "code": "x"}, {"system": "urn:b", "code": "y"}]},
}


class OneValueSet:
    def has_code(self, value_set, system, code):
        if value_set != GENDERS:
            return None
        return (system, code) in ((None, "female"), ("urn:b", "y"))


class OneProfile:
    def conforms(self, node, profile):
        return node.type == "Patient" if profile == "urn:patient" else None


class OneResource:
    def resolve(self, reference):
        return {"resourceType": "Practitioner", "id": "dr"} if reference.endswith("/dr") else None


GIVEN = Environment(
    now=datetime(2024, 2, 29, tzinfo=UTC),
    variables={"limit": integer(3)},
    value_sets=OneValueSet(),
    profiles=OneProfile(),
    resolver=OneResource(),
)


@pytest.fixture
def evaluate(compiler):
    def evaluate(expression, resource=PATIENT, environment=GIVEN):
        compiled = compiler.compile(expression, variables=environment.variables)
        return [each.value for each in compiled(resource_node(resource), environment=environment)]

    return evaluate


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"gender.memberOf('{GENDERS}')", [True]),
        (f"'male'.memberOf('{GENDERS}')", [False]),
        (f"photo.memberOf('{GENDERS}')", []),
        ("conformsTo('urn:patient')", [True]),
        ("name.first().conformsTo('urn:patient')", [False]),
        ("generalPractitioner.first().resolve().id", ["dr"]),
        ("generalPractitioner[1].resolve() is Organization", [True]),
        ("%limit + 1", [4]),
        ("today()", ["2024-02-29"]),
    ],
)
def test_who_is_given_is_asked(evaluate, expression, expected):
    assert evaluate(expression) == expected


@pytest.mark.parametrize("element", ["code", "code.coding[1]"])
def test_one_coding_in_the_value_set_is_enough(evaluate, element):
    assert evaluate(f"{element}.memberOf('{GENDERS}')", CODED) == [True]
    assert evaluate(f"code.coding[0].memberOf('{GENDERS}')", CODED) == [False]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("now()", "clock"),
        ("gender.memberOf('urn:x')", "value sets"),
        ("conformsTo('urn:x')", "profiles"),
    ],
)
def test_who_is_not_given_is_missed_and_not_guessed(evaluate, expression, message):
    with pytest.raises(FhirPathError, match=message):
        evaluate(expression, environment=Environment())


@pytest.mark.parametrize("expression", ["gender.memberOf('urn:x')", "conformsTo('urn:x')"])
def test_what_is_not_known_is_an_error(evaluate, expression):
    with pytest.raises(FhirPathError, match="not known"):
        evaluate(expression)


def test_a_variable_must_be_declared_and_given(compiler):
    with pytest.raises(FhirPathError, match="no value %limit"):
        compiler.compile("%limit")
    with pytest.raises(FhirPathError, match="given no value"):
        compiler.compile("%limit", variables=["limit"])(resource_node(PATIENT))


def test_the_root_of_a_contained_resource_is_its_container(compiler):
    (ward,) = compiler.compile("contained")(resource_node(PATIENT))
    (root,) = compiler.compile("%rootResource")(ward, resource=ward)
    assert root.type == "Patient"


@pytest.mark.parametrize(
    ("quantity", "expression", "expected"),
    [
        (
            {"value": 2, "system": "http://unitsofmeasure.org", "code": "a"},
            "value = 2 years",
            [True],
        ),
        (
            {"value": 2, "system": "http://unitsofmeasure.org", "code": "g"},
            "value > 1 'mg'",
            [True],
        ),
        ({"value": 2, "unit": "boxes"}, "value = 2 'boxes'", [True]),
        ({"value": 2, "unit": 5}, "value + 1 'g'", []),
        ({"value": 2, "unit": "boxes"}, "value = 2 'bags'", []),
        ({"value": 2, "comparator": "<", "code": "g"}, "value > 1 'mg'", []),
        (
            {"value": 2, "system": "http://unitsofmeasure.org", "code": "g"},
            "value + 1 'kg' = 1002 'g'",
            [True],
        ),
    ],
)
def test_a_quantity_of_a_resource_is_one_of_the_language(evaluate, quantity, expression, expected):
    assert (
        evaluate(expression, {"resourceType": "Observation", "valueQuantity": quantity}) == expected
    )
