"""Read the codes of UCUM.

https://ucum.org/ucum#section-Syntax-Rules
"""

import re
from fractions import Fraction
from functools import lru_cache

from psolink.units.table import UnitRow, UnitTable, unit_table
from psolink.units.unit import ONE, Unit

_MAX_TEXT = 200
_MAX_EXPONENT = 30
_ZERO_OF_CELSIUS = Fraction(27315, 100)
_OFFSETS = {
    "Cel": _ZERO_OF_CELSIUS,
    "degF": Fraction(45967, 100) * Fraction(5, 9),
    "degRe": _ZERO_OF_CELSIUS,
}
_COUNTED = "mol"
"""UCUM defines the mole as a number. Here it is a base unit: amounts of substance are no counts."""

_COMPONENT = re.compile(
    r"(?P<annotation>\{[!-z|~]*\})"
    r"|(?P<power>10[*^])(?P<of_ten>[+-]?\d{1,2})?"
    r"|(?P<number>\d{1,9})"
    r"|(?P<symbol>(?:\[[^\[\]]*\]|[^\d\s()\[\]{}./+*^-])+)(?P<exponent>[+-]?\d{1,2})?",
    re.ASCII,
)
_ANNOTATION = re.compile(r"\{[!-z|~]*\}")


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit | None:
    """Return the unit that `text` is, None if it is not one of UCUM."""
    if not 0 < len(text) <= _MAX_TEXT:
        return None
    try:
        unit, rest = _Reader(unit_table()).terms(text, nested=False)
    except _UnknownUnit:
        return None
    return None if rest else unit


class _UnknownUnit(Exception):
    """A text is no unit."""


class _Reader:
    """Reads from the left; each method returns a unit and the text that follows it."""

    def __init__(self, table: UnitTable) -> None:
        self._table = table

    def terms(self, text: str, *, nested: bool) -> tuple[Unit, str]:
        """Return the product of the components."""
        divides = text.startswith("/")
        unit, rest = self._component(text[1:] if divides else text)
        unit = ONE.times(unit, -1) if divides else unit
        while rest and not (nested and rest[0] == ")"):
            if rest[0] not in "./":
                raise _UnknownUnit
            component, after = self._component(rest[1:])
            unit, rest = unit.times(component, -1 if rest[0] == "/" else 1), after
        return unit, rest

    def _component(self, text: str) -> tuple[Unit, str]:
        if text.startswith("("):
            unit, rest = self.terms(text[1:], nested=True)
            if not rest.startswith(")"):
                raise _UnknownUnit
            return unit, rest[1:]
        match = _COMPONENT.match(text)
        if match is None:
            raise _UnknownUnit
        rest = text[match.end() :]
        note = None if match["annotation"] else _ANNOTATION.match(rest)
        return self._unit(match), rest if note is None else rest[note.end() :]

    def _unit(self, match: re.Match[str]) -> Unit:
        if match["annotation"]:
            return ONE
        if match["number"]:
            if int(match["number"]) == 0:
                raise _UnknownUnit
            return Unit(Fraction(int(match["number"])))
        exponent = match["of_ten"] or match["exponent"]
        if match["power"]:
            return Unit(Fraction(10) ** int(exponent or 1))
        unit = self._symbol(match["symbol"])
        if exponent is None:
            return unit
        if abs(int(exponent)) > _MAX_EXPONENT:
            raise _UnknownUnit
        return ONE.times(unit, int(exponent))

    def _symbol(self, symbol: str) -> Unit:
        known = self._atom(symbol, prefixed=False)
        if known is not None:
            return known
        for prefix, factor in self._table.prefixes.items():
            if symbol.startswith(prefix):
                known = self._atom(symbol.removeprefix(prefix), prefixed=True)
                if known is not None:
                    return known.scaled(Fraction(factor))
        raise _UnknownUnit

    def _atom(self, symbol: str, *, prefixed: bool) -> Unit | None:
        if symbol in self._table.base or symbol == _COUNTED:
            return Unit(Fraction(1), ((symbol, 1),))
        row = self._table.units.get(symbol)
        if row is None or (prefixed and not row.metric):
            return None
        return self._defined(symbol, row)

    def _defined(self, symbol: str, row: UnitRow) -> Unit:
        offset = _OFFSETS.get(row.special)
        is_own = (row.arbitrary and row.unit == "1") or (row.special and offset is None)
        if is_own:
            return Unit(Fraction(1), ((symbol, 1),))
        unit, _ = self.terms(row.unit, nested=False)
        unit = unit.scaled(Fraction(row.value))
        return unit if offset is None else Unit(unit.factor, unit.powers, offset)
