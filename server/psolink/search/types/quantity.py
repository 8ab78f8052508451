"""https://hl7.org/fhir/R4/search.html#quantity.

A quantity is kept as it is, with its system `s`, code `c` and unit `u`. One in a unit of UCUM is
kept a second time, in the base units `k`: so criteria in any unit of UCUM find it.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.conditions import any_of
from psolink.search.escapes import escape, split, unescape
from psolink.search.numbers import (
    COMPARISONS,
    AskedNumber,
    decimal_of,
    items,
    parse_prefixed,
)
from psolink.search.search_type import (
    Asked,
    MalformedValue,
    SearchType,
    Source,
    Term,
    checked,
    clipped,
)
from psolink.units import canonical

UCUM = "http://unitsofmeasure.org"
_CURRENCIES = "urn:iso:std:iso:4217"
_MAX_SAMPLES = 100_000

_Bounds = tuple[Decimal | None, Decimal | None]


def quantity(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a Quantity; one that is less or more than its value is a range without that end."""
    content = node.content
    value = decimal_of(content.get("value"))
    low = None if content.get("comparator") in ("<", "<=") else value
    high = None if content.get("comparator") in (">", ">=") else value
    return _with_unit((low, high), content)


def quantity_range(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a Range."""
    ends = [node.content.get(name) for name in ("low", "high")]
    known = [each if isinstance(each, dict) else {} for each in ends]
    low, high = (decimal_of(each.get("value")) for each in known)
    return _with_unit((low, high), known[0] or known[1])


def money(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield an amount of Money, whose unit is its currency."""
    value = decimal_of(node.content.get("value"))
    unit = {"system": _CURRENCIES, "code": node.content.get("currency")}
    return _with_unit((value, value), unit)


def sampled(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the range from the lowest to the highest sample of SampledData."""
    origin = node.content.get("origin")
    zero = decimal_of(origin.get("value")) if isinstance(origin, dict) else None
    factor = decimal_of(node.content.get("factor", 1))
    numbers = [*_samples(node.content.get("data"))]
    if isinstance(origin, dict) and zero is not None and factor is not None and numbers:
        ends = sorted((zero + min(numbers) * factor, zero + max(numbers) * factor))
        yield from _with_unit((decimal_of(ends[0]), decimal_of(ends[1])), origin)


def _samples(text: object) -> Iterator[Decimal]:
    """Yield the numbers among samples: E, L and U stand for errors and what is out of range."""
    for each in text[:_MAX_SAMPLES].split() if isinstance(text, str) else ():
        if each not in ("E", "L", "U"):
            try:
                number = Decimal(each)
            except ArithmeticError:
                continue
            if number.is_finite():
                yield number


def _with_unit(bounds: _Bounds, unit: Mapping[str, object]) -> Iterator[JsonObject]:
    named = {"s": unit.get("system"), "c": unit.get("code"), "u": unit.get("unit")}
    known = {name: clipped(text) for name, text in named.items() if isinstance(text, str)}
    for each in items(*bounds):
        yield each | known
    if known.get("s") == UCUM and "c" in known:
        yield from _canonical(bounds, known["c"])


def _canonical(bounds: _Bounds, code: str) -> Iterator[JsonObject]:
    found = [None if each is None else canonical(each, code) for each in bounds]
    units = {each[1] for each in found if each is not None}
    if len(units) == 1 and all(
        (a is None) == (b is None) for a, b in zip(bounds, found, strict=True)
    ):
        low, high = (each and each[0] for each in found)
        for each in items(low, high):
            yield each | {"k": next(iter(units))}


def parse(value: str, _asked: Asked) -> Term:
    """Return the term of `number`, `number|system|code` or `number||code`."""
    number, *unit = [unescape(part) for part in split(checked(value), "|")]
    prefix, text, asked = parse_prefixed(number)
    compare = COMPARISONS[prefix]
    match unit:
        case [] | ["", ""]:
            return Term(text, compare(asked) | {"k": None})
        case ["", code]:
            named = any_of([{"c": code}, {"u": code}])
            return Term(f"{text}||{escape(code)}", {"$and": [compare(asked), named, {"k": None}]})
        case [system, code] if code:
            return Term(
                f"{text}|{escape(system)}|{escape(code)}", _in_unit(prefix, asked, system, code)
            )
        case _:
            raise MalformedValue("number, number|system|code or number||code is expected")


def _in_unit(prefix: str, asked: AskedNumber, system: str, code: str) -> JsonObject:
    converted = _converted(asked, code) if system == UCUM else None
    if converted is None:
        return COMPARISONS[prefix](asked) | {"s": system, "c": code, "k": None}
    number, unit = converted
    return COMPARISONS[prefix](number) | {"k": unit}


def _converted(asked: AskedNumber, code: str) -> tuple[AskedNumber, str] | None:
    """Return a number of criteria in base units; None where the code is not of UCUM."""
    numbers = (asked.value, asked.low, asked.high, asked.least, asked.most)
    found = [canonical(each, code) for each in numbers]
    known = [each for each in found if each is not None]
    if len(known) != len(found):
        return None
    return AskedNumber(*(number for number, _ in known)), known[0][1]


QUANTITY = SearchType(
    array="quantity",
    index={
        "Quantity": quantity,
        "Range": quantity_range,
        "Money": money,
        "SampledData": sampled,
    },
    parse=parse,
)
