r"""Values with the separators `,` `|` `$` and their escapes by a backslash.

https://hl7.org/fhir/R4/search.html#escaping
"""

import re

from psolink.search.search_type import MalformedValue

_PIECE = re.compile(r"\\.?|[^\\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPABLE = frozenset("\\,|$")
_SPECIAL = re.compile(r"[\\,|$]")


def split(text: str, separator: str) -> list[str]:
    """Return the parts of `text` between separators that are not escaped, escapes kept."""
    if "\\" not in text:
        return text.split(separator)
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece == separator:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def unescape(text: str) -> str:
    """Return `text` without escapes; raise `MalformedValue` on a backslash that begins none."""
    return _ESCAPE.sub(_plain, text) if "\\" in text else text


def escape(text: str) -> str:
    """Return `text` as it is written inside a value."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _plain(match: re.Match[str]) -> str:
    character = match.group(1)
    if character not in _ESCAPABLE or not character:
        raise MalformedValue(r"a backslash is written \\, and only \, \| and \$ are other escapes")
    return character
