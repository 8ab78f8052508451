"""Split an expression into tokens.

http://hl7.org/fhirpath/N1/#lexical-elements
"""

import re
from typing import NamedTuple

from psolink.fhirpath.errors import FhirPathError

MAX_LENGTH = 20_000

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<time>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)
  | (?P<datetime>@\d{4}(?:-\d\d(?:-\d\d)?)?
        T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)
  | (?P<date>@\d{4}(?:-\d\d(?:-\d\d)?)?)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<string>'(?:\\.|[^'\\])*')
  | (?P<delimited>`(?:\\.|[^`\\])*`)
  | (?P<special>\$(?:this|index|total)\b)
  | (?P<external>%(?:[A-Za-z_]\w*|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\])*'))
  | (?P<name>[A-Za-z_]\w*)
  | (?P<symbol><=|>=|!=|!~|[-+*/&|=~<>.,()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {
    "'": "'",
    '"': '"',
    "`": "`",
    "\\": "\\",
    "/": "/",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}


class Token(NamedTuple):
    """A piece of an expression; `text` is without quotes and escapes."""

    kind: str
    text: str
    at: int


def tokens(expression: str) -> list[Token]:
    """Return the tokens of `expression`, the last of kind `end`."""
    if len(expression) > MAX_LENGTH:
        raise FhirPathError(f"the expression is longer than {MAX_LENGTH} characters")
    found: list[Token] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise FhirPathError(f"{expression[at]!r} begins nothing that FHIRPath knows", at)
        if match.lastgroup != "space":
            found.append(_token(str(match.lastgroup), match.group(), at))
        at = match.end()
    found.append(Token("end", "", at))
    return found


def _token(kind: str, text: str, at: int) -> Token:
    if kind in ("string", "delimited"):
        return Token(kind, _unescaped(text[1:-1], at), at)
    if kind == "external":
        name = text[1:]
        return Token(kind, name if name[0] not in "'`" else _unescaped(name[1:-1], at), at)
    return Token(kind, text, at)


def _unescaped(text: str, at: int) -> str:
    def character(match: re.Match[str]) -> str:
        code = match.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise FhirPathError(f"a string has no escape \\{code}", at)
        return _ESCAPES[code]

    return _whole(_ESCAPE.sub(character, text), at) if "\\" in text else text


def _whole(text: str, at: int) -> str:
    """Return a text in which two escapes that stand for one character are one."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise FhirPathError("a string has half a character: \\u of a pair", at) from None
