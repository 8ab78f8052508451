"""Sums, differences, products and quotients.

http://hl7.org/fhirpath/N1/#math
"""

from collections.abc import Callable
from decimal import Decimal

from psolink.fhirpath.amounts import added, dimensionless, divided, multiplied
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.moments import shifted
from psolink.fhirpath.nodes import (
    NONE,
    Amount,
    Collection,
    Node,
    decimal,
    integer,
    quantity,
    string,
    system_node,
)
from psolink.fhirpath.scope import Run
from psolink.fhirpath.temporal import Temporal
from psolink.fhirpath.values import Plain, is_number, kind, plain, single

Number = int | Decimal
Operator = Callable[[Run, Collection, Collection], Collection]
SMALLEST, LARGEST = -(2**31), 2**31 - 1
_CHARACTERS_OF_A_STEP = 64


def number(value: Number | None) -> Collection:
    """Return one number; none where it is no number, or an integer of more than 32 bits."""
    if value is None:
        return NONE
    if isinstance(value, Decimal):
        return decimal(value) if value.is_finite() else NONE
    return integer(value) if SMALLEST <= value <= LARGEST else NONE


def add(run: Run, left: Collection, right: Collection) -> Collection:
    """Return the sum of numbers or quantities, strings joined, or a date moved on."""
    return _moved_or_calculated(run, "+", left, right)


def subtract(run: Run, left: Collection, right: Collection) -> Collection:
    """Return the difference of numbers or quantities, or a date moved back."""
    return _moved_or_calculated(run, "-", left, right)


def multiply(run: Run, left: Collection, right: Collection) -> Collection:
    """Return the product of numbers or quantities."""
    return _calculated(run, "*", left, right)


def divide(run: Run, left: Collection, right: Collection) -> Collection:
    """Return the quotient of numbers or quantities, nothing for a division by zero."""
    return _calculated(run, "/", left, right)


def whole_quotient(run: Run, left: Collection, right: Collection) -> Collection:
    """Return the quotient without its fraction, nothing for a division by zero."""
    return _calculated(run, "div", left, right)


def remainder(run: Run, left: Collection, right: Collection) -> Collection:
    """Return what a whole quotient leaves, with the sign of the left side."""
    return _calculated(run, "mod", left, right)


def _moved_or_calculated(run: Run, symbol: str, left: Collection, right: Collection) -> Collection:
    start, by = single(left, symbol), single(right, symbol)
    if start is None or by is None:
        return NONE
    ours, theirs = plain(start, run.model), plain(by, run.model)
    if isinstance(ours, Temporal) and isinstance(theirs, Amount):
        return _moved(run, start, theirs, 1 if symbol == "+" else -1)
    if symbol == "+" and isinstance(ours, str) and isinstance(theirs, str):
        run.spend((len(ours) + len(theirs)) // _CHARACTERS_OF_A_STEP)
        return string(ours + theirs)
    return _result(symbol, ours, theirs)


def _moved(run: Run, start: Node, by: Amount, sign: int) -> Collection:
    found = shifted(start.value, by, sign)
    return NONE if found is None else (system_node(found, str(run.model.system_type(start.type))),)


def _calculated(run: Run, symbol: str, left: Collection, right: Collection) -> Collection:
    one, other = single(left, symbol), single(right, symbol)
    if one is None or other is None:
        return NONE
    return _result(symbol, plain(one, run.model), plain(other, run.model))


def _result(symbol: str, left: Plain | None, right: Plain | None) -> Collection:
    if left is None or right is None:
        return NONE
    try:
        if is_number(left) and is_number(right):
            return number(_OF_NUMBERS[symbol](left, right))
        found = _of_amounts(symbol, left, right)
    except ArithmeticError:  # by zero, or beyond what a decimal holds
        return NONE
    return NONE if found is None else quantity(found)


def _of_amounts(symbol: str, left: Plain, right: Plain) -> Amount | None:
    calculate = _OF_AMOUNTS.get(symbol)
    ours, theirs = _amount(left), _amount(right)
    if calculate is None or ours is None or theirs is None:
        wanted = "numbers" if calculate is None else "numbers or quantities"
        raise FhirPathError(f"{symbol} takes {wanted}, found {kind(left)} and {kind(right)}")
    return calculate(ours, theirs)


def _amount(value: Plain) -> Amount | None:
    if isinstance(value, Amount):
        return value
    return dimensionless(value) if is_number(value) else None


def _truncated(left: Number, right: Number) -> Number | None:
    found = Decimal(left) / Decimal(right)
    return int(found) if abs(found) <= LARGEST + 1 else None


def _rest(left: Number, right: Number) -> Number:
    found = Decimal(left) % Decimal(right)
    return int(found) if isinstance(left, int) and isinstance(right, int) else found


_OF_NUMBERS: dict[str, Callable[[Number, Number], Number | None]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: Decimal(left) / Decimal(right),
    "div": _truncated,
    "mod": _rest,
}
_OF_AMOUNTS: dict[str, Callable[[Amount, Amount], Amount | None]] = {
    "+": lambda left, right: added(left, right, 1),
    "-": lambda left, right: added(left, right, -1),
    "*": multiplied,
    "/": divided,
}
