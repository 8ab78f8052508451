from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.lexer import MAX_LENGTH
from psolink.fhirpath.parser import MAX_DEPTH, parse
from psolink.fhirpath.syntax import (
    Binary,
    Call,
    Empty,
    External,
    Indexer,
    Literal,
    Name,
    Path,
    Quantity,
    Special,
    TypeOperation,
    Unary,
    Union,
)


def shape(tree: Any) -> object:
    """Return a tree as nested tuples, without offsets."""
    return SHAPES[type(tree)](tree)


def each(trees: Iterable[object]) -> tuple[object, ...]:
    return tuple(map(shape, trees))


def literal(tree: Literal) -> object:
    return (tree.type, tree.value) if tree.type in ("Date", "DateTime", "Time") else tree.value


def call(tree: Call) -> object:
    name = f"{tree.name}()"
    return (name, *each(tree.arguments)) if tree.arguments else name


SHAPES: dict[type, Callable[[Any], object]] = {
    Binary: lambda tree: (tree.operator, shape(tree.left), shape(tree.right)),
    TypeOperation: lambda tree: (tree.operator, shape(tree.operand), tree.type),
    Unary: lambda tree: (tree.operator, shape(tree.operand)),
    Union: lambda tree: ("|", *each(tree.operands)),
    Path: lambda tree: (shape(tree.start), *each(tree.steps)),
    Indexer: lambda tree: [shape(tree.index)],
    Quantity: lambda tree: f"{tree.value} {tree.unit}",
    Empty: lambda tree: "{}",
    Name: lambda tree: tree.name,
    Special: lambda tree: tree.name,
    External: lambda tree: tree.name,
    Literal: literal,
    Call: call,
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b.c", ("a", "b", "c")),
        ("a | b | c", ("|", "a", "b", "c")),
        ("1 + 2 * 3", ("+", 1, ("*", 2, 3))),
        ("1 - 2 - 3", ("-", ("-", 1, 2), 3)),
        ("-1 + 2", ("+", ("-", 1), 2)),
        ("-a.b", ("-", ("a", "b"))),
        ("a or b and c", ("or", "a", ("and", "b", "c"))),
        ("a implies b or c", ("implies", "a", ("or", "b", "c"))),
        ("a = b | c", ("=", "a", ("|", "b", "c"))),
        ("a is Patient and b", ("and", ("is", "a", "Patient"), "b")),
        ("a as FHIR.Quantity", ("as", "a", "FHIR.Quantity")),
        ("a < 1 = true", ("=", ("<", "a", 1), True)),
        ("'x' in a", ("in", "x", "a")),
        ("a contains 'x'", ("contains", "a", "x")),
        ("a.contains('x')", ("a", ("contains()", "x"))),
        ("as.is.in", ("as", "is", "in")),
        ("(a or b).not()", (("or", "a", "b"), "not()")),
        ("a[0].b", ("a", [0], "b")),
        ("where($this = %resource)", ("where()", ("=", "$this", "resource"))),
        ("%`ext-x`", "ext-x"),
        ("`div`.`a b`", ("div", "a b")),
        ("{}", "{}"),
        ("1.50", Decimal("1.50")),
        ("1.first()", (1, "first()")),
        ("4 'mg'", "4 mg"),
        ("3 days", "3 day"),
        ("@2015-02", ("Date", "2015-02")),
        ("@2015T", ("DateTime", "2015T")),
        ("@2015-02-04T14:34:28.5+09:00", ("DateTime", "2015-02-04T14:34:28.5+09:00")),
        ("@T14:34", ("Time", "14:34")),
        (r"'it\'s \u0041\n'", "it's A\n"),
        ("a // comment\n /* more */ . b", ("a", "b")),
        ("iif(a, 1, 2)", ("iif()", "a", 1, 2)),
    ],
)
def test_an_expression_has_the_shape_of_the_grammar(expression, expected):
    assert shape(parse(expression)) == expected


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("", id="nothing"),
        pytest.param("a.", id="a dot at the end"),
        pytest.param("a b", id="two names"),
        pytest.param("a = ", id="an operator without a right side"),
        pytest.param("(a", id="an open bracket"),
        pytest.param("a[0", id="an open index"),
        pytest.param("f(a,)", id="a comma without an argument"),
        pytest.param("a is", id="is without a type"),
        pytest.param("a.and", id="a reserved word as a name"),
        pytest.param("'open", id="an open string"),
        pytest.param(r"'\q'", id="an unknown escape"),
        pytest.param("a # b", id="a character that means nothing"),
        pytest.param("$that", id="an unknown special"),
        pytest.param("@15", id="half a date"),
        pytest.param("= 1", id="an operator without a left side"),
    ],
)
def test_what_is_not_fhirpath_is_refused(expression):
    with pytest.raises(FhirPathError):
        parse(expression)


def test_a_refusal_says_where():
    with pytest.raises(FhirPathError, match=r"found '\)' \(at offset 6\)"):
        parse("a.b = )")


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("(" * 5000 + "a" + ")" * 5000, id="brackets"),
        pytest.param("a and " * 3000 + "a", id="a chain of operators"),
        pytest.param("-" * 5000 + "1", id="signs"),
        pytest.param("f(" * 5000 + "a" + ")" * 5000, id="calls"),
        pytest.param("a[" * 5000 + "0" + "]" * 5000, id="indexes"),
    ],
)
def test_depth_is_limited(expression):
    with pytest.raises(FhirPathError, match=f"deeper than {MAX_DEPTH}"):
        parse(expression)


def test_length_is_limited():
    with pytest.raises(FhirPathError, match="longer than"):
        parse("a" * (MAX_LENGTH + 1))


def test_long_unions_and_paths_are_not_deep():
    assert len(str(shape(parse(" | ".join(["a"] * 500)))).split()) == 501
    assert len(str(shape(parse(".".join(["a"] * 500)))).split()) == 500
