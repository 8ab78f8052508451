"""https://hl7.org/fhir/R4/search.html#string.

Case, accents, punctuation and the amount of white space do not matter.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import escape, unescape
from psolink.search.search_type import (
    MAX_TEXT,
    Asked,
    MalformedValue,
    SearchType,
    Source,
    Term,
    checked,
)

_HUMAN_NAME = ("text", "family", "given", "prefix", "suffix")
_ADDRESS = ("text", "line", "city", "district", "state", "postalCode", "country")
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


def _string(text: object) -> Iterator[JsonObject]:
    value = folded(text)[:MAX_TEXT].rstrip() if isinstance(text, str) else ""
    if value:
        yield {"v": value}


def string(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a string."""
    return _string(node.value)


def human_name(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the parts of a HumanName."""
    return _parts(node, _HUMAN_NAME)


def address(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the parts of an Address."""
    return _parts(node, _ADDRESS)


def _parts(node: Node, names: tuple[str, ...]) -> Iterator[JsonObject]:
    for name in names:
        part = node.content.get(name)
        for text in part if isinstance(part, list) else (part,):
            yield from _string(text)


def parse(value: str, _asked: Asked) -> Term:
    """Return the term of what begins with the value."""
    text = checked(unescape(value))
    prefix = folded(text)
    if not prefix:
        raise MalformedValue("a value with letters or digits is expected")
    if len(prefix) > MAX_TEXT:
        raise MalformedValue(f"at most {MAX_TEXT} characters are expected, found {len(prefix)}")
    end = following(prefix)
    return Term(escape(text), {"v": {"$gte": prefix} | ({"$lt": end} if end else {})})


STRING = SearchType(
    array="string",
    index={
        "string": string,
        "HumanName": human_name,
        "Address": address,
    },
    parse=parse,
)
