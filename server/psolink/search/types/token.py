"""https://hl7.org/fhir/R4/search.html#token.

Matches are case sensitive: identifiers and most code systems are, and a conditional create must
not take two identifiers for one.
"""

from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import escape, split, unescape
from psolink.search.search_type import (
    Asked,
    MalformedValue,
    SearchType,
    Source,
    Term,
    checked,
    clipped,
)

_BOOLEANS = "http://hl7.org/fhir/special-values"


def _token(system: object, code: object) -> Iterator[JsonObject]:
    known_system = system if isinstance(system, str) else ""
    known_code = code if isinstance(code, str) else ""
    if known_system or known_code:
        yield {"s": clipped(known_system), "c": clipped(known_code)}


def coding(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the token of a Coding."""
    return _token(node.content.get("system"), node.content.get("code"))


def codeable_concept(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the tokens of the codings of a CodeableConcept."""
    for each in node.content.get("coding", ()):
        if isinstance(each, dict):
            yield from _token(each.get("system"), each.get("code"))


def identifier(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the token of an Identifier."""
    return _token(node.content.get("system"), node.content.get("value"))


def contact_point(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the value of a ContactPoint, which no system scopes."""
    return _token(None, node.content.get("value"))


def code(node: Node, source: Source) -> Iterator[JsonObject]:
    """Yield a code with the system that its element implies."""
    return _token(source.code_systems.of(node), node.value)


def text(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield an id, uri or string as it is."""
    return _token(None, node.value)


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
)
