"""https://hl7.org/fhir/R4/search.html#number."""

from collections.abc import Iterator
from decimal import Decimal

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import unescape
from psolink.search.numbers import COMPARISONS, decimal_of, items, parse_prefixed
from psolink.search.search_type import Asked, SearchType, Source, Term, checked


def number(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a decimal or integer."""
    value = decimal_of(node.value)
    return items(value, value)


def number_range(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the ends of a Range, whatever its unit."""
    low, high = (_value(node.content.get(name)) for name in ("low", "high"))
    return items(low, high)


def _value(quantity: object) -> Decimal | None:
    return decimal_of(quantity.get("value")) if isinstance(quantity, dict) else None


def parse(value: str, _asked: Asked) -> Term:
    """Return the term of a number with its prefix."""
    prefix, text, asked = parse_prefixed(checked(unescape(value)))
    return Term(text, COMPARISONS[prefix](asked))


NUMBER = SearchType(
    array="quantity",
    index={"decimal": number, "integer": number, "Range": number_range},
    parse=parse,
)
