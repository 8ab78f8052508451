"""Parse an expression into its syntax tree, by the grammar of FHIRPath N1.

http://hl7.org/fhirpath/N1/#formal-specifications
"""

from collections.abc import Sequence
from decimal import Decimal

from psolink.fhirpath.durations import calendar_name
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.lexer import Token, tokens
from psolink.fhirpath.syntax import (
    Binary,
    Call,
    Empty,
    Expression,
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

MAX_DEPTH = 60

_LEVELS = (
    ("implies",),
    ("or", "xor"),
    ("and",),
    ("in", "contains"),
    ("=", "~", "!=", "!~"),
    ("<=", "<", ">", ">="),
    ("|",),
    ("is", "as"),
    ("+", "-", "&"),
    ("*", "/", "div", "mod"),
)
_PRECEDENCE = {operator: level for level, row in enumerate(_LEVELS) for operator in row}
_SIGN = len(_LEVELS)
_NAMES_TOO = ("as", "contains", "in", "is")
_DIRECTIONS = ("asc", "desc")
_RESERVED = frozenset({"and", "or", "xor", "implies", "div", "mod", "true", "false"})
_INTEGER_DIGITS = 10
_LARGEST = 2**31  # one more than the largest, for a sign may follow
_TEMPORAL = {"date": "Date", "datetime": "DateTime", "time": "Time"}


def parse(expression: str) -> Expression:
    """Return the syntax tree of `expression`."""
    parser = _Parser(tokens(expression))
    tree = parser.expression(0)
    parser.expect("end", "the end of the expression")
    return tree


class _Parser:
    """Precedence climbing over a list of tokens."""

    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0

    def expression(self, level: int) -> Expression:
        """Read an expression of operators that bind at least as tightly as `level`."""
        before = self._depth
        self._descend()
        tree = self._signed() if self._is_sign() else self._invocations(self._term())
        while (found := self._operator(level)) is not None:
            self._descend()
            tree = self._operation(tree, found)
        self._depth = before
        return tree

    def expect(self, kind: str, wanted: str, text: str | None = None) -> Token:
        """Consume the next token, which must be of this kind."""
        token = self._peek()
        if token.kind != kind or (text is not None and token.text != text):
            raise FhirPathError(f"expected {wanted}, found {_shown(token)}", token.at)
        self._next += 1
        return token

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _accept(self, symbol: str) -> bool:
        if self._peek()[:2] != ("symbol", symbol):
            return False
        self._next += 1
        return True

    def _descend(self) -> None:
        # Chains of operators count as well: they nest to the left.
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FhirPathError(f"the expression is nested deeper than {MAX_DEPTH} levels")

    def _is_sign(self) -> bool:
        token = self._peek()
        return token.kind == "symbol" and token.text in "+-"

    def _signed(self) -> Expression:
        sign = self._take()
        return Unary(sign.text, self.expression(_SIGN), sign.at)

    def _operator(self, level: int) -> Token | None:
        token = self._peek()
        if token.kind not in ("symbol", "name"):
            return None
        return token if _PRECEDENCE.get(token.text, -1) >= level else None

    def _operation(self, left: Expression, found: Token) -> Expression:
        self._next += 1
        if found.text in ("is", "as"):
            return TypeOperation(found.text, left, self._type_name(), found.at)
        right = self.expression(_PRECEDENCE[found.text] + 1)
        if found.text != "|":
            return Binary(found.text, left, right, found.at)
        earlier = left.operands if isinstance(left, Union) else (left,)
        self._depth -= 1  # a union is flat
        return Union((*earlier, right), found.at)

    def _type_name(self) -> str:
        name = self._identifier("the name of a type").text
        return (
            f"{name}.{self._identifier('the name of a type').text}" if self._accept(".") else name
        )

    def _identifier(self, wanted: str) -> Token:
        token = self._peek()
        if token.kind not in ("name", "delimited") or _is_reserved(token):
            raise FhirPathError(f"expected {wanted}, found {_shown(token)}", token.at)
        return self._take()

    def _invocations(self, start: Expression) -> Expression:
        steps: list[Name | Call | Indexer] = []
        at = self._peek().at
        while True:
            if self._accept("."):
                steps.append(self._invocation(self._member()))
            elif self._accept("["):
                steps.append(Indexer(self.expression(0), self._peek().at))
                self.expect("symbol", "']'", "]")
            else:
                return Path(start, tuple(steps), at) if steps else start

    def _member(self) -> Token:
        # One element of R4 is named like an operator, and after a dot there can be no operator.
        is_division = self._peek()[:2] == ("name", "div")
        return self._take() if is_division else self._identifier("an element or a function")

    def _invocation(self, name: Token) -> Name | Call:
        if not self._accept("("):
            return Name(name.text, name.at)
        arguments: list[Expression] = []
        if not self._accept(")"):
            arguments.append(self._argument(name.text))
            while self._accept(","):
                arguments.append(self._argument(name.text))
            self.expect("symbol", "')'", ")")
        return Call(name.text, tuple(arguments), name.at)

    def _argument(self, function: str) -> Expression:
        tree = self.expression(0)
        token = self._peek()
        if function != "sort" or token.kind != "name" or token.text not in _DIRECTIONS:
            return tree
        return Unary(self._take().text, tree, token.at)

    def _term(self) -> Expression:
        token = self._peek()
        match token.kind:
            case "name" | "delimited":
                return self._named(token)
            case "symbol":
                return self._bracketed(self._take())
            case "special":
                return Special(self._take().text, token.at)
            case "external":
                return External(self._take().text, token.at)
            case "end":
                raise FhirPathError("the expression ends where a value is expected", token.at)
            case _:
                return self._literal(self._take())

    def _named(self, token: Token) -> Expression:
        if token.kind == "name" and token.text in ("true", "false"):
            return Literal("Boolean", self._take().text == "true", token.at)
        return self._invocation(self._identifier("a value"))

    def _bracketed(self, token: Token) -> Expression:
        if token.text == "(":
            tree = self.expression(0)
            self.expect("symbol", "')'", ")")
            return tree
        if token.text == "{":
            self.expect("symbol", "'}'", "}")
            return Empty(token.at)
        raise FhirPathError(f"expected a value, found {_shown(token)}", token.at)

    def _literal(self, token: Token) -> Expression:
        if token.kind == "string":
            return Literal("String", token.text, token.at)
        if token.kind == "number":
            return self._number(token)
        return Literal(_TEMPORAL[token.kind], token.text[1:].removeprefix("T"), token.at)

    def _number(self, token: Token) -> Expression:
        unit = self._peek()
        if unit.kind == "string":
            return Quantity(Decimal(token.text), self._take().text, is_calendar=False, at=token.at)
        name = calendar_name(unit.text) if unit.kind == "name" else None
        if name is not None:
            self._take()
            return Quantity(Decimal(token.text), name, is_calendar=True, at=token.at)
        if "." in token.text:
            return Literal("Decimal", Decimal(token.text), token.at)
        if len(token.text) > _INTEGER_DIGITS or int(token.text) > _LARGEST:
            raise FhirPathError(f"an integer is at most {_LARGEST - 1}", token.at)
        return Literal("Integer", int(token.text), token.at)


def _is_reserved(token: Token) -> bool:
    return token.kind == "name" and token.text in _RESERVED


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else repr(token.text)
