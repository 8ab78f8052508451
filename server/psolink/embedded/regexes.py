"""Regular expressions that mean the same here and on a MongoDB server.

MongoDB uses PCRE, this engine Python's `re`. Constructs on which they differ are refused.

https://www.mongodb.com/docs/manual/reference/operator/query/regex/
"""

import re
from dataclasses import dataclass
from typing import Final

from bson import Regex

from psolink.embedded.errors import bad_value

_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": 0}
_DIFFERENT: Final = re.compile(
    r"\\[A-Za-z0-9]"  # classes and boundaries are ASCII there and Unicode here; references
    r"|\(\?(?!:)|\(\*|\[\[:|[+*?}]\+"  # extensions, POSIX classes, possessive quantifiers
)
_LITERAL: Final = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[^A-Za-z0-9])")
_ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
_SPECIAL_FLAGS: Final = re.IGNORECASE | re.MULTILINE | re.VERBOSE


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression and the text that every match begins with, "" if unknown."""

    pattern: re.Pattern[str]
    prefix: str

    def matches(self, value: object) -> bool:
        """Tell whether `value` is a string that holds a match."""
        return isinstance(value, str) and self.pattern.search(value) is not None


def compile_regex(operand: object, options: object = "") -> Expression:
    """Return the expression of `$regex` (text or a regular expression) and `$options`."""
    flags = 0
    text = operand
    if isinstance(operand, Regex):
        text, flags = operand.pattern, operand.flags & ~int(re.UNICODE)
    if not isinstance(text, str) or not isinstance(options, str):
        raise bad_value("$regex has to be a string or a regular expression, $options a string")
    for letter in options:
        if letter not in _FLAGS:
            raise bad_value(f"invalid flag in $options: '{letter}'")
        flags |= _FLAGS[letter]
    if _DIFFERENT.search(text.replace(r"\\", "")):
        raise bad_value(
            "$regex supports literals, escaped punctuation, '.', classes in [], groups, "
            "alternatives and plain quantifiers"
        )
    try:
        return Expression(re.compile(text, flags), _prefix(text, flags))
    except re.error as error:
        raise bad_value(f"$regex is not a regular expression: {error.msg}") from None


def _prefix(text: str, flags: int) -> str:
    if not text.startswith("^") or flags & _SPECIAL_FLAGS or "|" in _ESCAPED.sub("", text):
        return ""
    literals, position = [], 1
    while found := _LITERAL.match(text, position):
        literals.append(found[0][-1])
        position = found.end()
    # A quantifier belongs to the last literal, which may then be absent.
    if literals and text[position : position + 1] in {"*", "?", "{", "+"}:
        literals.pop()
    return "".join(literals)
