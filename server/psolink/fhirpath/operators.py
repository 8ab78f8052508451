"""The operators between two collections.

http://hl7.org/fhirpath/N1/#operations
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from psolink.fhirpath.equality import equal, equal_items, equivalent, order
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.nodes import NONE, Collection, boolean, decimal, integer, string
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import (
    Plain,
    is_number,
    kind,
    single,
    single_string,
    single_value,
    truth,
)

Operator = Callable[[Run, Collection, Collection], Collection]
Logic = Callable[[bool | None, bool | None], bool | None]
_Number = int | Decimal
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1


def _equals(run: Run, left: Collection, right: Collection) -> Collection:
    return boolean(value=equal(left, right, run.model))


def _differs(run: Run, left: Collection, right: Collection) -> Collection:
    found = equal(left, right, run.model)
    return boolean(value=None if found is None else not found)


def _is_like(run: Run, left: Collection, right: Collection) -> Collection:
    return boolean(value=equivalent(left, right, run.model))


def _is_unlike(run: Run, left: Collection, right: Collection) -> Collection:
    return boolean(value=not equivalent(left, right, run.model))


def _inequality(symbol: str, holds: Callable[[int], bool]) -> Operator:
    def compare(run: Run, left: Collection, right: Collection) -> Collection:
        ours = single_value(left, run.model, symbol)
        theirs = single_value(right, run.model, symbol)
        if ours is None or theirs is None:
            return NONE
        found = order(ours, theirs)
        return boolean(value=None if found is None else holds(found))

    return compare


def _contains(run: Run, left: Collection, right: Collection) -> Collection:
    wanted = single(right, "contains")
    if wanted is None:
        return NONE
    run.spend(len(left))
    return boolean(value=any(equal_items(each, wanted, run.model) for each in left))


def _in(run: Run, left: Collection, right: Collection) -> Collection:
    return _contains(run, right, left)


def _xor(_run: Run, left: Collection, right: Collection) -> Collection:
    ours, theirs = truth(left, "xor"), truth(right, "xor")
    return boolean(value=None if ours is None or theirs is None else ours != theirs)


def _concatenate(run: Run, left: Collection, right: Collection) -> Collection:
    text = (single_string(left, "&") or "") + (single_string(right, "&") or "")
    run.spend(len(text) // 64)
    return string(text)


def _add(run: Run, left: Collection, right: Collection) -> Collection:
    ours, theirs = _operands(run, "+", left, right)
    if isinstance(ours, str) and isinstance(theirs, str):
        return _concatenate(run, left, right)
    return _calculated("+", ours, theirs, lambda one, other: one + other)


def _arithmetic(symbol: str, calculate: Callable[[_Number, _Number], _Number]) -> Operator:
    def apply(run: Run, left: Collection, right: Collection) -> Collection:
        return _calculated(symbol, *_operands(run, symbol, left, right), calculate)

    return apply


def _operands(
    run: Run, symbol: str, left: Collection, right: Collection
) -> tuple[Plain | None, Plain | None]:
    return single_value(left, run.model, symbol), single_value(right, run.model, symbol)


def _calculated(
    symbol: str,
    left: Plain | None,
    right: Plain | None,
    calculate: Callable[[_Number, _Number], _Number],
) -> Collection:
    if left is None or right is None:
        return NONE
    if not (is_number(left) and is_number(right)):
        raise FhirPathError(f"{symbol} takes numbers, found {kind(left)} and {kind(right)}")
    try:
        found = calculate(left, right)
    except (ZeroDivisionError, InvalidOperation):
        return NONE
    if isinstance(found, Decimal):
        return decimal(found)
    return integer(found) if _SMALLEST <= found <= _LARGEST else NONE


def _truncated(left: _Number, right: _Number) -> _Number:
    return int(Decimal(left) / Decimal(right))


def _remainder(left: _Number, right: _Number) -> _Number:
    found = Decimal(left) % Decimal(right)
    return int(found) if isinstance(left, int) and isinstance(right, int) else found


OPERATORS: Mapping[str, Operator] = {
    "=": _equals,
    "!=": _differs,
    "~": _is_like,
    "!~": _is_unlike,
    "<": _inequality("<", lambda found: found < 0),
    "<=": _inequality("<=", lambda found: found <= 0),
    ">": _inequality(">", lambda found: found > 0),
    ">=": _inequality(">=", lambda found: found >= 0),
    "contains": _contains,
    "in": _in,
    "xor": _xor,
    "&": _concatenate,
    "+": _add,
    "-": _arithmetic("-", lambda one, other: one - other),
    "*": _arithmetic("*", lambda one, other: one * other),
    "/": _arithmetic("/", lambda one, other: Decimal(one) / Decimal(other)),
    "div": _arithmetic("div", _truncated),
    "mod": _arithmetic("mod", _remainder),
}


def conjunction(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001 - operands
    """Return `and` in three-valued logic."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def disjunction(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001 - operands
    """Return `or` in three-valued logic."""
    if left or right:
        return True
    return None if left is None or right is None else False


def implication(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001 - operands
    """Return `implies` in three-valued logic."""
    if left is None:
        return True if right else None
    return right if left else True
