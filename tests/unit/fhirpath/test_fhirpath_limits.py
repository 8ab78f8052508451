import re

import pytest

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
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


def deep(levels: int) -> JsonObject:
    extension: JsonObject = {"url": "u"}
    for _ in range(levels):
        extension = {"url": "u", "extension": [extension]}
    return {"resourceType": "Patient", "extension": [extension]}


ANSWERED = "answered"
TOO_MANY = "too many steps"
TOO_DEEP = "nested deeper"
HOSTILE = {
    "all of all of all": ("descendants().select(%resource.descendants())", TOO_MANY),
    "a union of five hundred": (f"({'|'.join(['name.given'] * 500)}).count()", TOO_MANY),
    "each in all, twice": (
        "name.given.where($this in %resource.name.given).where($this in %resource.name.given)",
        TOO_MANY,
    ),
    "a list like itself from behind": (
        "name.given ~ name.given.sort(-$this)",
        TOO_MANY,
    ),
    "strings that double fifty times": (
        "'ab'" + ".select($this & $this)" * 50,
        TOO_MANY,
    ),
    "strings that grow by replacing": ("'a'" + ".replace('a', 'aaaaaaaaaa')" * 12, TOO_MANY),
    "replacing by a pattern": ("'a'" + f".replaceMatches('a', '{'a' * 20}')" * 8, TOO_MANY),
    "a join with a long separator": (
        f"name.given.join('{'x' * 9000}').length()",
        TOO_MANY,
    ),
    "encodings of encodings": (
        "name.given.join()" + ".encode('base64').encode('hex')" * 20,
        TOO_MANY,
    ),
    "a pattern that would backtrack": (f"'{'a' * 3000}'.matches('^(a|a)*(a|aa)+b$')", ANSWERED),
    "a pattern of nested stars": ("name.given.join('a').matches('^(([0-9]+)*a?)*$')", ANSWERED),
    "a pattern of counts of counts": (
        "'a'.matches('((a{1,100}){1,100}){1,100}')",
        "not a pattern",
    ),
    "a pattern of many groups": (f"'a'.matches('{'(' * 900}a{')*' * 900}')", "not a pattern"),
    "a huge power": ("10.power(999999999)", ANSWERED),
    "products of products": ("1.5" + ".select($this * $this)" * 50, ANSWERED),
    "years beyond the calendar": ("@2020-01-01 + 99999999 years", ANSWERED),
    "milliseconds beyond the calendar": ("@2020-01-01T00:00:00Z + 99999999999999 days", ANSWERED),
    "a unit of units": ("1 'm' = 1 '" + "m." * 5000 + "m'", ANSWERED),
    "a number of a million digits": (
        "'1'" + ".replace('1', '1111111111')" * 5 + ".toDecimal()",
        ANSWERED,
    ),
    "parentheses": ("(" * 5000 + "1" + ")" * 5000, TOO_DEEP),
    "calls within calls": ("iif(true, " * 1000 + "1" + ")" * 1000, TOO_DEEP),
    "signs": ("-" * 10_000 + "1", TOO_DEEP),
    "a chain of operators": ("true" + " and true" * 2000, TOO_DEEP),
    "an index within an index": ("name[" * 3000 + "0" + "]" * 3000, TOO_DEEP),
    "a comment that never ends": ("1 /*" + "*" * 10_000, "begins nothing|expected"),
    "a string that never ends": ("'" + "\\'" * 9000, "begins nothing"),
    "more than an expression may have": ("1" + " " * 30_000, "longer than"),
}


def ending(compiler: Compiler, expression: str, resource: JsonObject) -> str:
    """Return how an evaluation ends: with an answer, or with what the refusal says."""
    try:
        compiler.compile(expression)(resource_node(resource), max_steps=300_000)
    except FhirPathError as refused:
        return str(refused)
    return ANSWERED


@pytest.mark.parametrize(("expression", "wanted"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_expression_ends(compiler, expression, wanted):
    assert re.search(wanted, ending(compiler, expression, WIDE))


@pytest.mark.parametrize(("expression", "wanted"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_expression_ends_in_a_deep_resource_too(compiler, expression, wanted):
    # Where there is little to go through, there is an answer.
    assert re.search(f"{wanted}|{ANSWERED}", ending(compiler, expression, deep(90)))


@pytest.mark.parametrize(
    "expression",
    [
        "repeat(repeat(repeat(children())))",
        "descendants().repeat(descendants())",
        "descendants().select(%resource.descendants()).distinct()",
        "descendants().where($this in %resource.descendants())",
    ],
)
def test_what_is_compared_as_a_whole_costs_by_its_size(compiler, expression):
    assert TOO_MANY in ending(compiler, expression, deep(90))


def test_a_long_but_honest_path_is_evaluated(compiler):
    expression = "name" + ".select($this)" * 1000 + ".given.count()"
    assert compiler.compile(expression)(resource_node(WIDE))[0].value == 2000


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
