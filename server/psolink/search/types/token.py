"""https://hl7.org/fhir/R4/search.html#token.

Matches are case sensitive: identifiers and most code systems are, and a conditional create must
not take two identifiers for one. The text of a code is kept beside it as `x`, folded as a string
is, and the type of an identifier as `ts` and `tc`.
"""

from collections.abc import Iterator, Mapping

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.code_modifiers import parse_above, parse_below, parse_in
from psolink.search.escapes import escape, split, unescape
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
from psolink.search.texts import folded, literal

_BOOLEANS = "http://hl7.org/fhir/special-values"


def token(system: object, code: object, text: object = None) -> Iterator[JsonObject]:
    """Yield the token of a code, if there is anything of it."""
    known_system = system if isinstance(system, str) else ""
    known_code = code if isinstance(code, str) else ""
    words = folded(text)[:MAX_TEXT] if isinstance(text, str) else ""
    if known_system or known_code:
        found = {"s": clipped(known_system), "c": clipped(known_code)}
        yield {**found, "x": words} if words else found
    elif words:
        yield {"x": words}


def coding(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the token of a Coding."""
    return _coding(node.content)


def _coding(content: Mapping[str, object]) -> Iterator[JsonObject]:
    return token(content.get("system"), content.get("code"), content.get("display"))


def codeable_concept(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the tokens of the codings of a CodeableConcept, and its text."""
    for each in node.content.get("coding", ()):
        if isinstance(each, dict):
            yield from _coding(each)
    yield from token(None, None, node.content.get("text"))


def identifier(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the token of an Identifier, once for each code of its type."""
    kind = node.content.get("type")
    kind = kind if isinstance(kind, dict) else {}
    types = [each for each in kind.get("coding", ()) if isinstance(each, dict)]
    for each in token(node.content.get("system"), node.content.get("value"), kind.get("text")):
        yield from ({**each, **_type_of_identifier(known)} for known in types)
        if not types:
            yield each


def _type_of_identifier(content: Mapping[str, object]) -> JsonObject:
    found = {"ts": content.get("system"), "tc": content.get("code")}
    return {name: clipped(text) for name, text in found.items() if isinstance(text, str)}


def contact_point(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the value of a ContactPoint, which no system scopes."""
    return token(None, node.content.get("value"))


def code(node: Node, source: Source) -> Iterator[JsonObject]:
    """Yield a code with the system that its element implies."""
    return token(source.code_systems.of(node), node.value)


def text(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield an id, uri or string as it is."""
    return token(None, node.value)


def boolean(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a truth value."""
    if isinstance(node.value, bool):
        yield {"s": _BOOLEANS, "c": "true" if node.value else "false"}


def parse(value: str, _asked: Asked) -> Term:
    """Return the term of `code`, `system|code`, `|code` or `system|`."""
    parts = [unescape(part) for part in split(value, "|")]
    match parts:
        case [only]:
            return Term(escape(only), {"c": checked(only)})
        case ["", only]:
            return Term(f"|{escape(only)}", {"s": "", "c": checked(only)})
        case [system, ""]:
            return Term(f"{escape(system)}|", {"s": checked(system)})
        case [system, only]:
            condition = {"s": checked(system), "c": checked(only)}
            return Term(f"{escape(system)}|{escape(only)}", condition)
        case _:
            raise MalformedValue(
                r"code, system|code, |code or system| is expected; a | inside of one is written \|"
            )


def parse_text(value: str, _asked: Asked) -> Term:
    """Return the term of what has a word in its text that begins with the value."""
    text = checked(unescape(value))
    words = folded(text)
    if not words:
        raise MalformedValue("a value with letters or digits is expected")
    return Term(escape(text), {"x": {"$regex": f"(^| ){literal(words)}"}})


def parse_of_type(value: str, _asked: Asked) -> Term:
    """Return the term of an identifier with its type: `system|code|value`."""
    parts = [checked(unescape(part)) for part in split(value, "|")]
    match parts:
        case [system, kind, number]:
            condition = {"ts": system, "tc": kind, "c": number}
            return Term("|".join(map(escape, parts)), condition)
        case _:
            raise MalformedValue("system|code|value is expected: an identifier with its type")


TOKEN = SearchType(
    array="token",
    index={
        "Coding": coding,
        "CodeableConcept": codeable_concept,
        "Identifier": identifier,
        "ContactPoint": contact_point,
        "code": code,
        "string": text,
        "uri": text,
        "boolean": boolean,
        "System.Boolean": boolean,
    },
    parse=parse,
    modifiers={
        "not": Modifier(parse, negates=True),
        "text": Modifier(parse_text),
        "of-type": Modifier(parse_of_type),
        "in": Modifier(parse_in),
        "not-in": Modifier(parse_in, negates=True),
        "below": Modifier(parse_below),
        "above": Modifier(parse_above),
    },
)
