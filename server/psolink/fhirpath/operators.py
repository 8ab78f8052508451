"""The operators between two collections.

http://hl7.org/fhirpath/N1/#operations
"""

from collections.abc import Callable, Mapping

from psolink.fhirpath.arithmetic import (
    Operator,
    add,
    divide,
    multiply,
    remainder,
    subtract,
    whole_quotient,
)
from psolink.fhirpath.equality import equal, equal_items, equivalent, order
from psolink.fhirpath.nodes import NONE, Collection, boolean, string
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import (
    single,
    single_string,
    single_value,
    truth,
)

Logic = Callable[[bool | None, bool | None], bool | None]


def _equals(run: Run, left: Collection, right: Collection) -> Collection:
    return boolean(value=equal(left, right, run))


def _differs(run: Run, left: Collection, right: Collection) -> Collection:
    found = equal(left, right, run)
    return boolean(value=None if found is None else not found)


def _is_like(run: Run, left: Collection, right: Collection) -> Collection:
    return boolean(value=equivalent(left, right, run))


def _is_unlike(run: Run, left: Collection, right: Collection) -> Collection:
    return boolean(value=not equivalent(left, right, run))


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
    return boolean(value=any(equal_items(each, wanted, run) for each in left))


def _in(run: Run, left: Collection, right: Collection) -> Collection:
    return _contains(run, right, left)


def _xor(_run: Run, left: Collection, right: Collection) -> Collection:
    ours, theirs = truth(left, "xor"), truth(right, "xor")
    return boolean(value=None if ours is None or theirs is None else ours != theirs)


def _concatenate(run: Run, left: Collection, right: Collection) -> Collection:
    text = (single_string(left, "&") or "") + (single_string(right, "&") or "")
    run.spend(len(text) // 64)
    return string(text)


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
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "div": whole_quotient,
    "mod": remainder,
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
