"""A unit as a factor over powers of base units."""

from dataclasses import dataclass
from fractions import Fraction

Powers = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A factor, and the powers of the base units in the order of their codes.

    `offset` is where the scale starts in base units: 273.15 K for degrees Celsius.
    """

    factor: Fraction
    powers: Powers = ()
    offset: Fraction = Fraction(0)

    def times(self, other: "Unit", exponent: int = 1) -> "Unit":
        """Return the product with a power of another unit; a product has no offset."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + power * exponent
        kept = tuple(sorted((name, power) for name, power in powers.items() if power))
        return Unit(self.factor * other.factor**exponent, kept)

    def scaled(self, factor: Fraction) -> "Unit":
        """Return a multiple of the unit, as a prefix makes it."""
        return Unit(self.factor * factor, self.powers, self.offset)

    def measure(self, value: Fraction) -> Fraction:
        """Return `value` of this unit in base units."""
        return value * self.factor + self.offset

    def read(self, measure: Fraction) -> Fraction:
        """Return how much of this unit a measure in base units is."""
        return (measure - self.offset) / self.factor


ONE = Unit(Fraction(1))
