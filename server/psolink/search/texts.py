"""Texts as search compares them: case, accents, punctuation and white space do not matter.

https://hl7.org/fhir/R4/search.html#string
"""

import re
import unicodedata
from functools import lru_cache

from psolink.fhir_json import JsonObject

_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
_HIGHEST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_ASCII_PUNCTUATION = dict.fromkeys(
    code for code in range(128) if unicodedata.category(chr(code))[0] == "P"
)


def folded(text: str) -> str:
    """Return `text` without what does not matter to a search."""
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII_PUNCTUATION).split())
    found = unicodedata.normalize("NFD", text.casefold())
    return " ".join("".join(map(_kept, found)).split())


@lru_cache(maxsize=4096)
def _kept(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category[0] == "P" or category == "Mn" else character


def following(prefix: str) -> str | None:
    """Return the least string that is greater than all that begin with `prefix`.

    None if there is none. The order is that of code points, which is MongoDB's.
    """
    while prefix:
        last = ord(prefix[-1])
        prefix = prefix[:-1]
        if last < _HIGHEST:
            after = last + 1
            return prefix + chr(_SURROGATES[1] + 1 if after == _SURROGATES[0] else after)
    return None


def beginning_with(prefix: str) -> JsonObject:
    """Return the operators for texts that begin with `prefix`."""
    end = following(prefix)
    return {"$gte": prefix} | ({"$lt": end} if end else {})


def literal(text: str) -> str:
    """Return a regular expression that matches `text`, which is folded, and nothing else."""
    return _SIGN.sub(r"\\\g<0>", text)
