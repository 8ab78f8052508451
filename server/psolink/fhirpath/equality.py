"""Equality, equivalence and order of items and collections.

http://hl7.org/fhirpath/N1/#equality
"""

from collections.abc import Mapping
from decimal import Decimal

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.model import Model
from psolink.fhirpath.nodes import Amount, Collection, Node
from psolink.fhirpath.temporal import Temporal, compare
from psolink.fhirpath.values import Plain, frozen, identity, is_number, kind, plain


def equal(left: Collection, right: Collection, model: Model) -> bool | None:
    """Return whether two collections hold equal items in the same order; None if it is open."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    found = [equal_items(ours, theirs, model) for ours, theirs in zip(left, right, strict=True)]
    if False in found:
        return False
    return None if None in found else True


def equal_items(left: Node, right: Node, model: Model) -> bool | None:
    """Return whether two items are equal; None if their precision leaves it open."""
    ours, theirs = plain(left, model), plain(right, model)
    if ours is None or theirs is None:
        return bool(identity(left, model) == identity(right, model))
    if isinstance(ours, Temporal) and isinstance(theirs, Temporal):
        order = compare(ours, theirs)
        return None if order is None else order == 0
    if isinstance(ours, Amount) and isinstance(theirs, Amount):
        return _order_of_amounts(ours, theirs) == 0
    if is_number(ours) != is_number(theirs) or isinstance(ours, bool) != isinstance(theirs, bool):
        return False
    return bool(ours == theirs)


def equivalent(left: Collection, right: Collection, model: Model) -> bool:
    """Return whether two collections hold equivalent items in any order."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for ours in left:
        match = next((each for each in rest if _equivalent_items(ours, each, model)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def order(left: Plain, right: Plain) -> int | None:
    """Return -1, 0 or 1; None if the precision leaves it open. Unlike types are an error."""
    if isinstance(left, Temporal) and isinstance(right, Temporal):
        return compare(left, right)
    if isinstance(left, Amount) and isinstance(right, Amount):
        return _order_of_amounts(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if is_number(left) and is_number(right):
        return (left > right) - (left < right)
    raise FhirPathError(f"cannot compare {kind(left)} with {kind(right)}")


def _equivalent_items(left: Node, right: Node, model: Model) -> bool:
    ours, theirs = plain(left, model), plain(right, model)
    if ours is None or theirs is None:
        return _without_ids(left.value) == _without_ids(right.value)
    if isinstance(ours, str) and isinstance(theirs, str):
        return _loose(ours) == _loose(theirs)
    if isinstance(ours, Temporal) and isinstance(theirs, Temporal):
        return compare(ours, theirs) == 0
    if is_number(ours) and is_number(theirs):
        return _round_alike(Decimal(ours), Decimal(theirs))
    return equal_items(left, right, model) is True


def _order_of_amounts(left: Amount, right: Amount) -> int:
    if left.unit != right.unit:
        raise FhirPathError("quantities with different units are not converted yet")
    return (left.value > right.value) - (left.value < right.value)


def _loose(text: str) -> str:
    return " ".join(text.lower().split())


def _round_alike(left: Decimal, right: Decimal) -> bool:
    places = min(_places(left), _places(right))
    return round(left, places) == round(right, places)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _without_ids(value: object) -> object:
    if isinstance(value, Mapping):
        return frozen({key: item for key, item in value.items() if key != "id"})
    return frozen(value)
