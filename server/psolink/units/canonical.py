"""Quantities in base units, so that those of one dimension are compared as numbers.

https://ucum.org/ucum#section-Semantics
"""

from decimal import Decimal, localcontext
from fractions import Fraction

from psolink.units.parser import parse_unit
from psolink.units.unit import Powers

_DIGITS = 28
_MAX_ADJUSTED = 60


def canonical(value: Decimal, code: str) -> tuple[Decimal, str] | None:
    """Return a quantity in base units: `(5, "mg/dL")` is `(50, "g.m-3")`.

    None for a code that is not of UCUM, and for a number of so many digits that it is no measure.
    The number has 28 significant digits at most.
    """
    unit = parse_unit(code)
    if unit is None or not is_small(value):
        return None
    return decimal_of(unit.measure(Fraction(value))), _code(unit.powers)


def is_small(value: Decimal) -> bool:
    """Tell whether a decimal has so few digits before and after its point that it may be exact."""
    return value.is_finite() and -_MAX_ADJUSTED <= value.adjusted() <= _MAX_ADJUSTED


def decimal_of(value: Fraction) -> Decimal:
    """Return a fraction as a decimal of 28 significant digits."""
    with localcontext() as context:
        context.prec = _DIGITS
        return Decimal(value.numerator) / Decimal(value.denominator)


def _code(powers: Powers) -> str:
    return ".".join(name if power == 1 else f"{name}{power}" for name, power in powers) or "1"
