"""https://hl7.org/fhir/R4/search.html#string.

Case, accents, punctuation and the amount of white space do not matter. What a text was before it
was folded is kept beside it, for `:exact`.
"""

from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import escape, unescape
from psolink.search.search_type import (
    MAX_TEXT,
    Asked,
    MalformedValue,
    Modifier,
    SearchType,
    Source,
    Term,
    checked,
    clipped,
)
from psolink.search.texts import beginning_with, folded, literal

_HUMAN_NAME = ("text", "family", "given", "prefix", "suffix")
_ADDRESS = ("text", "line", "city", "district", "state", "postalCode", "country")


def _string(text: object) -> Iterator[JsonObject]:
    if not isinstance(text, str) or not text:
        return
    value = folded(text)[:MAX_TEXT].rstrip()
    yield {"v": value} if value == text else {"v": value, "x": clipped(text)}


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
    text, prefix = _folded_value(value)
    return Term(text, {"v": beginning_with(prefix)})


def parse_contained(value: str, _asked: Asked) -> Term:
    """Return the term of what has the value anywhere."""
    text, part = _folded_value(value)
    return Term(text, {"v": {"$regex": literal(part)}})


def parse_ending(value: str, _asked: Asked) -> Term:
    """Return the term of what ends with the value."""
    text, part = _folded_value(value)
    return Term(text, {"v": {"$regex": f"{literal(part)}$"}})


def parse_exact(value: str, _asked: Asked) -> Term:
    """Return the term of the very text."""
    text = checked(unescape(value))
    prefix = folded(text)[:MAX_TEXT].rstrip()
    return Term(escape(text), {"v": prefix, "x": None if prefix == text else text})


def _folded_value(value: str) -> tuple[str, str]:
    """Return the canonical text of a criterion, and what it is folded to."""
    text = checked(unescape(value))
    found = folded(text)
    if not found:
        raise MalformedValue("a value with letters or digits is expected")
    if len(found) > MAX_TEXT:
        raise MalformedValue(f"at most {MAX_TEXT} characters are expected, found {len(found)}")
    return escape(text), found


STRING = SearchType(
    array="string",
    index={
        "string": string,
        "HumanName": human_name,
        "Address": address,
    },
    parse=parse,
    modifiers={"exact": Modifier(parse_exact), "contains": Modifier(parse_contained)},
    operators={"ew": Modifier(parse_ending)},
)
