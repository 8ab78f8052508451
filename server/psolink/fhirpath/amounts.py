"""Quantities: compared and calculated with, over exact units.

http://hl7.org/fhirpath/N1/#quantity
"""

from collections.abc import Hashable
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from psolink.fhirpath.durations import MEAN_DAYS, calendar_unit
from psolink.fhirpath.nodes import Amount
from psolink.units import Unit, parse_unit
from psolink.units.canonical import decimal_of, is_small

_DEFINITE = {"year": "a", "month": "mo"}


def dimensionless(value: int | Decimal) -> Amount:
    """Return a number as a quantity."""
    return Amount(Decimal(value), "1")


def unit_of(amount: Amount) -> Unit | None:
    """Return the unit of an amount, None if it is not known here."""
    return calendar_unit(amount.unit) if amount.is_calendar else parse_unit(amount.unit)


def are_comparable(left: Amount, right: Amount) -> bool:
    """Return whether both are of the same dimension, so that one may become the other."""
    if (left.unit, left.is_calendar) == (right.unit, right.is_calendar):
        return True
    ours, theirs = unit_of(left), unit_of(right)
    return ours is not None and theirs is not None and ours.powers == theirs.powers


def equal_amounts(left: Amount, right: Amount) -> bool | None:
    """Return whether the amounts are equal; None where that is open.

    It is open between calendar years or months and durations of UCUM, and with unknown units.
    """
    found = compare_amounts(left, right)
    if found is not None:
        return found == 0
    ours, theirs = unit_of(left), unit_of(right)
    if ours is None or theirs is None or ours.powers == theirs.powers:
        return None
    return False


def compare_amounts(left: Amount, right: Amount) -> int | None:
    """Return -1, 0 or 1; None between amounts that cannot be compared."""
    if (left.unit, left.is_calendar) == (right.unit, right.is_calendar):
        return (left.value > right.value) - (left.value < right.value)
    if not are_comparable(left, right) or _is_open(left, right):
        return None
    if not (is_small(left.value) and is_small(right.value)):
        return None
    ours, theirs = _measure(left, right), _measure(right, left)
    return (ours > theirs) - (ours < theirs)


def equivalent_amounts(left: Amount, right: Amount) -> bool:
    """Return whether the amounts are alike at the precision of the coarser one."""
    left, right = _definite(left), _definite(right)
    if left.unit == right.unit:
        return alike(left.value, right.value)
    ours, theirs = unit_of(left), unit_of(right)
    if ours is None or theirs is None or ours.powers != theirs.powers:
        return False
    if ours.factor < theirs.factor:
        left, right, ours, theirs = right, left, theirs, ours
    return alike(left.value, decimal_of(ours.read(theirs.measure(_fraction(right)))))


def alike(left: Decimal, right: Decimal) -> bool:
    """Return whether two decimals are equal at the precision of the less precise one."""
    places = min(_places(left), _places(right))
    try:
        return round(left, places) == round(right, places)
    except InvalidOperation:
        return left == right


def converted(amount: Amount, to: Amount) -> Amount | None:
    """Return `amount` in the unit of `to`, None if that cannot be."""
    if (amount.unit, amount.is_calendar) == (to.unit, to.is_calendar):
        return amount
    ours, theirs = unit_of(amount), unit_of(to)
    if ours is None or theirs is None or ours.powers != theirs.powers or _is_open(amount, to):
        return None
    value = decimal_of(theirs.read(ours.measure(_fraction(amount))))
    return Amount(value, to.unit, to.is_calendar)


def added(left: Amount, right: Amount, sign: int) -> Amount | None:
    """Return the sum in the finer of the two units, None for different dimensions.

    Scales that start at different points have no sum: 37 degrees Celsius and 1 kelvin may be 38
    degrees or 274 kelvin from zero.
    """
    ours, theirs = unit_of(left), unit_of(right)
    if ours is not None and theirs is not None and ours.offset != theirs.offset:
        return None
    if ours is not None and theirs is not None and ours.factor > theirs.factor:
        other = converted(left, right)
        return other and Amount(other.value + sign * right.value, right.unit, right.is_calendar)
    other = converted(right, left)
    return other and Amount(left.value + sign * other.value, left.unit, left.is_calendar)


def multiplied(left: Amount, right: Amount) -> Amount | None:
    """Return the product; a unit of one leaves the other as it is."""
    value = left.value * right.value
    if right.unit == "1":
        return Amount(value, left.unit, left.is_calendar)
    if left.unit == "1":
        return Amount(value, right.unit, right.is_calendar)
    return _combined(left, right, value, ".")


def divided(left: Amount, right: Amount) -> Amount | None:
    """Return the quotient, None for a division by zero."""
    if not right.value:
        return None
    value = left.value / right.value
    if right.unit == "1":
        return Amount(value, left.unit, left.is_calendar)
    if (left.unit, left.is_calendar) == (right.unit, right.is_calendar):
        return Amount(value, "1")
    return _combined(left, right, value, "/")


def key_of(amount: Amount) -> Hashable:
    """Return a key that is the same for amounts that are equal."""
    unit = unit_of(amount)
    if unit is None or (amount.is_calendar and amount.unit in MEAN_DAYS):
        return (amount.value, amount.unit, amount.is_calendar)
    if not is_small(amount.value):
        return (amount.value, amount.unit, amount.is_calendar)
    return (unit.measure(_fraction(amount)), unit.powers)


def _combined(left: Amount, right: Amount, value: Decimal, operator: str) -> Amount | None:
    ours, theirs = _definite(left).unit, _definite(right).unit
    grouped = f"({theirs})" if operator == "/" and ("." in theirs or "/" in theirs) else theirs
    text = (
        f"{operator}{grouped}" if ours == "1" and operator == "/" else f"{ours}{operator}{grouped}"
    )
    unit = parse_unit(text)
    if unit is None:
        return None
    if unit.powers:
        return Amount(value, text)
    return Amount(decimal_of(unit.measure(Fraction(value))), "1") if is_small(value) else None


def _measure(amount: Amount, other: Amount) -> Fraction:
    """Return the amount in base units; a year is twelve months where it meets months."""
    if amount.is_calendar and other.is_calendar and amount.unit == "year" and other.unit == "month":
        return _fraction(amount) * 12 * calendar_unit("month").factor
    unit = unit_of(amount)
    return _fraction(amount) if unit is None else unit.measure(_fraction(amount))


def _is_open(left: Amount, right: Amount) -> bool:
    """Tell whether a calendar year or month meets a duration that is always equally long."""
    return left.is_calendar != right.is_calendar and bool({left.unit, right.unit} & {*MEAN_DAYS})


_UCUM_TIMES = {"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s"}


def _definite(amount: Amount) -> Amount:
    if not amount.is_calendar:
        return amount
    names = _DEFINITE | _UCUM_TIMES | {"millisecond": "ms"}
    return Amount(amount.value, names[amount.unit])


def _fraction(amount: Amount) -> Fraction:
    return Fraction(amount.value) if is_small(amount.value) else Fraction(0)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
