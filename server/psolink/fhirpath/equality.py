"""Equality, equivalence and order of items and collections.

http://hl7.org/fhirpath/N1/#equality
"""

from collections.abc import Mapping
from decimal import Decimal

from psolink.fhirpath.amounts import (
    alike,
    compare_amounts,
    dimensionless,
    equal_amounts,
    equivalent_amounts,
)
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.nodes import Amount, Collection, Node
from psolink.fhirpath.scope import Run
from psolink.fhirpath.temporal import Temporal, compare
from psolink.fhirpath.values import Plain, frozen, identity, is_number, kind, plain

_SPACES = dict.fromkeys(map(ord, "\t\r\n"), " ")


def equal(left: Collection, right: Collection, run: Run) -> bool | None:
    """Return whether two collections hold equal items in the same order; None if it is open."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    run.spend(len(left))
    found = [equal_items(ours, theirs, run) for ours, theirs in zip(left, right, strict=True)]
    if False in found:
        return False
    return None if None in found else True


def equal_items(left: Node, right: Node, run: Run) -> bool | None:
    """Return whether two items are equal; None if their precision leaves it open."""
    ours, theirs = plain(left, run.model), plain(right, run.model)
    if ours is None or theirs is None:
        return bool(identity(left, run) == identity(right, run))
    if isinstance(ours, Temporal) and isinstance(theirs, Temporal):
        return _equal_temporals(ours, theirs)
    if isinstance(ours, Amount) or isinstance(theirs, Amount):
        amounts = _amounts(ours, theirs)
        return False if amounts is None else equal_amounts(*amounts)
    if is_number(ours) != is_number(theirs) or isinstance(ours, bool) != isinstance(theirs, bool):
        return False
    return bool(ours == theirs)


def equivalent(left: Collection, right: Collection, run: Run) -> bool:
    """Return whether two collections hold equivalent items in any order."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for ours in left:
        match = next((each for each in rest if _equivalent_items(ours, each, run)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def order(left: Plain, right: Plain) -> int | None:
    """Return -1, 0 or 1; None if the precision leaves it open. Unlike types are an error."""
    if isinstance(left, Temporal) and isinstance(right, Temporal) and left.is_time == right.is_time:
        return compare(left, right)
    if isinstance(left, Amount) or isinstance(right, Amount):
        amounts = _amounts(left, right)
        if amounts is not None:
            return compare_amounts(*amounts)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if is_number(left) and is_number(right):
        return (left > right) - (left < right)
    raise FhirPathError(f"cannot compare {kind(left)} with {kind(right)}")


def _equivalent_items(left: Node, right: Node, run: Run) -> bool:
    run.spend(1)
    ours, theirs = plain(left, run.model), plain(right, run.model)
    if ours is None or theirs is None:
        return bool(_without_ids(left.value, run) == _without_ids(right.value, run))
    if isinstance(ours, str) and isinstance(theirs, str):
        return _loose(ours) == _loose(theirs)
    if isinstance(ours, Temporal) and isinstance(theirs, Temporal):
        return _equal_temporals(ours, theirs) is True
    if is_number(ours) and is_number(theirs):
        return alike(Decimal(ours), Decimal(theirs))
    if isinstance(ours, Amount) or isinstance(theirs, Amount):
        amounts = _amounts(ours, theirs)
        return amounts is not None and equivalent_amounts(*amounts)
    return equal_items(left, right, run) is True


def _equal_temporals(left: Temporal, right: Temporal) -> bool | None:
    if left.is_time != right.is_time:
        return False
    order = compare(left, right)
    return None if order is None else order == 0


def _amounts(left: Plain, right: Plain) -> tuple[Amount, Amount] | None:
    """Return both as quantities, None where one cannot be; a number has the unit 1."""
    ours, theirs = _amount(left), _amount(right)
    return None if ours is None or theirs is None else (ours, theirs)


def _amount(value: Plain) -> Amount | None:
    if isinstance(value, Amount):
        return value
    return dimensionless(value) if is_number(value) else None


def _loose(text: str) -> str:
    """Return a text in which every white space is the same one, and no letter is large."""
    return text.lower().translate(_SPACES)


def _without_ids(value: object, run: Run) -> object:
    if isinstance(value, Mapping):
        return frozen({key: item for key, item in value.items() if key != "id"}, run)
    return frozen(value, run)
