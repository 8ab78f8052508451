"""Least and greatest values that a value of limited precision may mean.

http://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal--date--datetime--time
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from psolink.fhirpath.amounts import are_comparable
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import ANYTHING, BOOLEAN, INTEGER, Function, values
from psolink.fhirpath.moments import high_boundary, low_boundary, precision
from psolink.fhirpath.nodes import (
    NONE,
    Amount,
    Collection,
    Node,
    boolean,
    decimal,
    integer,
    quantity,
    system_node,
)
from psolink.fhirpath.scope import Run
from psolink.fhirpath.temporal import Temporal
from psolink.fhirpath.values import Plain, is_number, kind, plain, single, single_integer

_PLACES, _MAX_PLACES = 8, 31
_MOST_DIGITS = 200
_CONTEXT = Context(prec=2 * _MOST_DIGITS)

OfText = Callable[[str, str, int | None], str | None]


def _bounded(name: str, sign: int, rounding: str, of_text: OfText) -> Function:
    def apply(run: Run, nodes: Collection, *places: Collection) -> Collection:
        node = single(nodes, name)
        value = None if node is None else plain(node, run.model)
        if node is None or value is None:
            return NONE
        wanted = single_integer(places[0], name) if places else None
        if isinstance(value, Temporal):
            type_name = str(run.model.system_type(node.type))
            return _of_moment(of_text(node.value, type_name, wanted), type_name, wanted)
        return _of_number(value, wanted, sign, rounding, name)

    return values(ANYTHING, apply, 0, 1)


def _of_moment(found: str | None, type_name: str, wanted: int | None) -> Collection:
    if found is None:
        return NONE
    is_date = type_name == "Date" and (wanted is None or "T" not in found)
    return (system_node(found, "Date" if is_date else type_name),)


def _of_number(value: Plain, wanted: int | None, sign: int, rounding: str, name: str) -> Collection:
    places = _PLACES if wanted is None else wanted
    if isinstance(value, Amount):
        found = _boundary(value.value, places, sign, rounding)
        return NONE if found is None else quantity(replace(value, value=found))
    if not is_number(value):
        raise FhirPathError(f"{name}() takes a number, quantity, date or time, found {kind(value)}")
    found = _boundary(Decimal(value), places, sign, rounding)
    return NONE if found is None else decimal(found)


def _boundary(value: Decimal, places: int, sign: int, rounding: str) -> Decimal | None:
    """Return the value half a digit lower or higher, at so many places."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not 0 <= places <= _MAX_PLACES:
        return None
    if max(abs(value.adjusted()), abs(exponent)) > _MOST_DIGITS:
        return None
    half = Decimal(5).scaleb(min(exponent, 0) - 1)
    moved = _CONTEXT.add(value, sign * half)
    return moved.quantize(Decimal(1).scaleb(-places), rounding, _CONTEXT)


def _precision(run: Run, nodes: Collection) -> Collection:
    node = single(nodes, "precision")
    value = None if node is None else plain(node, run.model)
    if node is None or value is None:
        return NONE
    return integer(_digits(node, value))


def _digits(node: Node, value: Plain) -> int:
    if isinstance(value, Temporal):
        return precision(node.value)
    if not is_number(value):
        raise FhirPathError(f"precision() takes a number, date or time, found {kind(value)}")
    exponent = Decimal(value).as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _comparable(run: Run, nodes: Collection, other: Collection) -> Collection:
    ours, theirs = single(nodes, "comparable"), single(other, "comparable")
    if ours is None or theirs is None:
        return NONE
    left, right = plain(ours, run.model), plain(theirs, run.model)
    if not isinstance(left, Amount) or not isinstance(right, Amount):
        raise FhirPathError("comparable() takes two quantities")
    return boolean(value=are_comparable(left, right))


FUNCTIONS: Mapping[str, Function] = {
    "lowBoundary": _bounded("lowBoundary", -1, ROUND_FLOOR, low_boundary),
    "highBoundary": _bounded("highBoundary", 1, ROUND_CEILING, high_boundary),
    "precision": values(INTEGER, _precision),
    "comparable": values(BOOLEAN, _comparable, 1),
}
