"""The grammar of `_filter`: comparisons, joined by `and`, `or` and `not (...)`.

https://hl7.org/fhir/R4/search_filter.html
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psolink.search.search_type import MalformedValue

MAX_LENGTH = 4000
MAX_DEPTH = 20
MAX_COMPARISONS = 50

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[()\[\]])|(?P<word>[^\s()\[\]"]+))""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A parameter, or a chain of them, compared with a value."""

    path: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Several conditions of which all (`and`) or one (`or`) has to hold."""

    word: str
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Negated:
    """A condition that must not hold."""

    part: "Condition"


Condition = Comparison | Joined | Negated


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_filter(text: str) -> Condition:
    """Return the condition; raise `MalformedValue` that says where and what is expected."""
    if len(text) > MAX_LENGTH:
        raise MalformedValue(f"at most {MAX_LENGTH} characters are expected, found {len(text)}")
    parser = _Parser(_tokens(text))
    condition = parser.condition(0)
    parser.end()
    return condition


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unexpected(at, "a closing quotation mark")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


class _Parser:
    """Reads tokens from left to right; `and` binds closer than `or`."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._comparisons = 0

    def condition(self, depth: int) -> Condition:
        """Return what is joined by `or`."""
        if depth > MAX_DEPTH:
            raise MalformedValue(f"parentheses are nested at most {MAX_DEPTH} deep")
        return self._joined("or", lambda: self._joined("and", lambda: self._single(depth)))

    def end(self) -> None:
        """Raise unless everything was read."""
        if self._next.kind != "end":
            raise _unexpected(self._next.at, "and, or, or the end")

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _joined(self, word: str, read: Callable[[], Condition]) -> Condition:
        parts = [read()]
        while self._is_word(word):
            self._at += 1
            parts.append(read())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _single(self, depth: int) -> Condition:
        if self._is_word("not") and self._tokens[self._at + 1].text == "(":
            self._at += 1
            return Negated(self._parenthesized(depth))
        if self._is_mark("("):
            return self._parenthesized(depth)
        return self._comparison()

    def _parenthesized(self, depth: int) -> Condition:
        self._at += 1
        inner = self.condition(depth + 1)
        if not self._is_mark(")"):
            raise _unexpected(self._next.at, "a closing parenthesis")
        self._at += 1
        return inner

    def _comparison(self) -> Comparison:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise MalformedValue(f"at most {MAX_COMPARISONS} comparisons are expected")
        path = self._take(("word",), "a search parameter")
        if self._is_mark("["):
            raise MalformedValue(
                "a filter in brackets is not supported: compare the parameters of the resource"
            )
        operator = self._take(("word",), "an operator such as eq")
        value = self._take(("word", "string"), "a value")
        text = value.text
        if value.kind == "string":
            text = _ESCAPE.sub(r"\1", text[1:-1])
        return Comparison(path.text, operator.text, text)

    def _take(self, kinds: Sequence[str], expected: str) -> _Token:
        found = self._next
        if found.kind not in kinds:
            raise _unexpected(found.at, expected)
        self._at += 1
        return found

    def _is_word(self, word: str) -> bool:
        return self._next.kind == "word" and self._next.text == word

    def _is_mark(self, mark: str) -> bool:
        return self._next.kind == "mark" and self._next.text == mark


def _unexpected(at: int, expected: str) -> MalformedValue:
    return MalformedValue(f"{expected} is expected at character {at + 1}")
