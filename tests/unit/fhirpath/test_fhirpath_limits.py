import pytest

from psolink.definitions import load_definitions
from psolink.fhirpath import Compiler, FhirPathError, compile_expression, resource_node
from psolink.fhirpath.parser import MAX_DEPTH

WIDE = {"resourceType": "Patient", "name": [{"given": [str(n) for n in range(2000)]}]}


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("name.given.where(%resource.name.given.exists($this = 'x'))", id="loops"),
        pytest.param("name.given.select(%resource.name.given)", id="products"),
        pytest.param("'ab'.repeat($this & $this)", id="strings that double"),
        pytest.param("name.given.aggregate($total & $this & $total, 'x')", id="a growing total"),
        pytest.param("1.repeat($this + 1)", id="an endless sequence"),
        pytest.param(
            "(1|2|3).select({x}).select({x}).select({x}).select({x}).select({x}).count()".replace(
                "{x}", "%resource.name.given"
            ),
            id="powers",
        ),
    ],
)
def test_an_expression_that_runs_away_is_stopped(compiler, expression):
    with pytest.raises(FhirPathError, match="too many steps"):
        compiler.compile(expression)(resource_node(WIDE), max_steps=100_000)


def test_the_deepest_expression_that_parses_also_evaluates(compiler):
    expression = "(" * (MAX_DEPTH - 1) + "id" + ")" * (MAX_DEPTH - 1)
    assert len(compiler.compile(expression)(resource_node({"resourceType": "Patient"}))) == 0
    nested = "iif(true, " * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)
    assert compiler.compile(nested)(resource_node(WIDE))[0].value == 1


def test_every_search_expression_of_r4_compiles():
    definitions = load_definitions()
    compiler = Compiler(definitions)
    found = [each.expression for each in definitions.search_parameters if each.expression]
    for expression in found:
        compiler.compile(expression)
    assert len(found) > 1300


def test_every_invariant_of_r4_compiles():
    definitions = load_definitions()
    compiler = Compiler(definitions)
    types = definitions.types.values()
    rules = {rule for each in types for rule in each.invariants}
    rules |= {rule for each in types for e in each.elements.values() for rule in e.invariants}
    for rule in rules:
        compiler.compile(rule.expression)
    assert len(rules) > 200


def test_a_root_type_leaves_out_what_it_never_meets(compiler):
    text = "Patient.name.given | Practitioner.name.given | (Person.name | Resource.id)"
    whole, pruned = compiler.compile(text), compiler.compile(text, root="Practitioner")
    practitioner = {"resourceType": "Practitioner", "id": "a", "name": [{"given": ["Ann"]}]}
    for expression in (whole, pruned):
        found = expression(resource_node(practitioner))
        assert [each.value for each in found] == ["Ann", "a"]
    assert not pruned(resource_node(WIDE))


def test_the_input_is_not_changed():
    resource = {"resourceType": "Patient", "name": [{"given": ["Ann"]}]}
    compile_expression("descendants()", load_definitions())(resource_node(resource))
    assert resource == {"resourceType": "Patient", "name": [{"given": ["Ann"]}]}
