"""Units of UCUM and the calendar durations, as exact factors over base dimensions.

https://ucum.org/ucum and http://hl7.org/fhirpath/N1/#time-valued-quantities
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

CALENDAR = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
"""Calendar durations, the largest first."""

_MAX_TEXT = 60
_MAX_EXPONENT = 12
_PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}  # fmt: skip
_BASE = ("m", "s", "g", "K", "C", "cd", "rad", "mol")
_METRIC = {
    "L": ("1/1000", "m3"), "l": ("1/1000", "m3"), "N": ("1000", "g.m/s2"), "Pa": ("1", "N/m2"),
    "J": ("1", "N.m"), "W": ("1", "J/s"), "Hz": ("1", "/s"), "A": ("1", "C/s"), "V": ("1", "J/C"),
    "F": ("1", "C/V"), "Ohm": ("1", "V/A"), "S": ("1", "/Ohm"), "Wb": ("1", "V.s"),
    "T": ("1", "Wb/m2"), "H": ("1", "Wb/A"), "lm": ("1", "cd"), "lx": ("1", "lm/m2"),
    "Bq": ("1", "/s"), "Gy": ("1", "J/kg"), "Sv": ("1", "J/kg"), "bar": ("100000", "Pa"),
    "m[Hg]": ("133322", "Pa"), "m[H2O]": ("980665/100", "Pa"), "cal": ("4184/1000", "J"),
    "t": ("1000000", "g"), "eq": ("1", "mol"), "osm": ("1", "mol"), "kat": ("1", "mol/s"),
    "U": ("1/1000000", "mol/min"), "eV": ("1602176634/10000000000000000000000000000", "J"),
}  # fmt: skip
_PLAIN = {
    "min": ("60", "s"), "h": ("60", "min"), "d": ("24", "h"), "wk": ("7", "d"),
    "a": ("36525/100", "d"), "a_j": ("36525/100", "d"), "mo": ("1/12", "a"), "mo_j": ("1/12", "a"),
    "%": ("1/100", "1"), "[ppth]": ("1/1000", "1"), "[ppm]": ("1/1000000", "1"),
    "[ppb]": ("1/1000000000", "1"), "[pi]": ("3141592653589793/1000000000000000", "1"),
    "[in_i]": ("254/100", "cm"), "[ft_i]": ("12", "[in_i]"), "[yd_i]": ("3", "[ft_i]"),
    "[mi_i]": ("5280", "[ft_i]"), "[gr]": ("6479891/100", "ug"), "[lb_av]": ("7000", "[gr]"),
    "[oz_av]": ("1/16", "[lb_av]"), "[dr_av]": ("1/16", "[oz_av]"), "[stone_av]": ("14", "[lb_av]"),
    "[gal_us]": ("231", "[in_i]3"), "[qt_us]": ("1/4", "[gal_us]"), "[pt_us]": ("1/2", "[qt_us]"),
    "[cup_us]": ("1/2", "[pt_us]"), "[foz_us]": ("1/8", "[cup_us]"),
    "[tbs_us]": ("1/2", "[foz_us]"), "[tsp_us]": ("1/3", "[tbs_us]"),
    "[in_i'Hg]": ("254/10000", "m[Hg]"), "atm": ("101325", "Pa"), "[Cal]": ("1", "kcal"),
    "10*": ("10", "1"), "10^": ("10", "1"),
}  # fmt: skip
_OWN = ("[iU]", "[IU]", "[arb'U]", "[USP'U]", "Cel", "[degF]", "[pH]", "B", "bit")
_COMPONENT = re.compile(
    r"(?P<annotation>\{[^{}]*\})"
    r"|(?P<power>10[*^])(?P<of_ten>[+-]?\d{1,2})?"
    r"|(?P<number>\d{1,9})"
    r"|(?P<symbol>(?:\[[^\[\]]*\]|[^\d\s()\[\]{}./+*^-])+)(?P<exponent>[+-]?\d{1,2})?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A factor, and the powers of the base dimensions in the order of their names."""

    factor: Fraction
    powers: tuple[tuple[str, int], ...] = ()

    def times(self, other: "Unit", exponent: int = 1) -> "Unit":
        """Return the product with a power of another unit."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + power * exponent
        kept = tuple(sorted((name, power) for name, power in powers.items() if power))
        return Unit(self.factor * other.factor**exponent, kept)


ONE = Unit(Fraction(1))
_SECONDS: Mapping[str, Fraction] = {
    "week": Fraction(604800), "day": Fraction(86400), "hour": Fraction(3600),
    "minute": Fraction(60), "second": Fraction(1), "millisecond": Fraction(1, 1000),
}  # fmt: skip
MEAN_DAYS = {"year": 365, "month": 30}
"""How long the calendar durations count where they meet durations of days."""


def calendar_name(text: str) -> str | None:
    """Return the calendar duration that a word is, in the singular."""
    name = text.removesuffix("s")
    return name if name in CALENDAR else None


def calendar_unit(name: str) -> Unit:
    """Return a calendar duration as seconds."""
    days = MEAN_DAYS.get(name)
    return Unit(_SECONDS[name] if days is None else Fraction(days * 86400), (("s", 1),))


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit | None:
    """Return the unit that `text` is in UCUM, None if it is not one that is known here."""
    if not 0 < len(text) <= _MAX_TEXT:
        return None
    try:
        unit, rest = _terms(text, nested=False)
    except _UnknownUnit:
        return None
    return None if rest else unit


class _UnknownUnit(Exception):
    """A text is no unit that is known here."""


def _terms(text: str, *, nested: bool) -> tuple[Unit, str]:
    """Return the product of the components, and what follows it."""
    divides = text.startswith("/")
    unit, rest = ONE, text[1:] if divides else text
    while True:
        component, rest = _component(rest)
        unit = unit.times(component, -1 if divides else 1)
        if not rest or (nested and rest[0] == ")"):
            return unit, rest
        if rest[0] not in "./":
            raise _UnknownUnit
        divides, rest = rest[0] == "/", rest[1:]


def _component(text: str) -> tuple[Unit, str]:
    if text.startswith("("):
        unit, rest = _terms(text[1:], nested=True)
        if not rest.startswith(")"):
            raise _UnknownUnit
        return unit, rest[1:]
    match = _COMPONENT.match(text)
    if match is None:
        raise _UnknownUnit
    rest = text[match.end() :]
    if match["symbol"] and rest.startswith("{"):
        rest = rest[rest.index("}") + 1 :] if "}" in rest else rest
    return _unit_of(match), rest


def _unit_of(match: re.Match[str]) -> Unit:
    if match["annotation"]:
        return ONE
    if match["number"]:
        if int(match["number"]) == 0:
            raise _UnknownUnit
        return Unit(Fraction(int(match["number"])))
    exponent = int(match["of_ten"] or match["exponent"] or 1)
    if match["power"]:
        return Unit(Fraction(10) ** exponent)
    if abs(exponent) > _MAX_EXPONENT:
        raise _UnknownUnit
    return ONE.times(_symbol(match["symbol"]), exponent)


def _symbol(symbol: str) -> Unit:
    known = _atom(symbol, _PLAIN) or _atom(symbol, _METRIC)
    if known is not None:
        return known
    for prefix in _prefixes_of(symbol):
        known = _atom(symbol.removeprefix(prefix), _METRIC)
        if known is not None:
            return Unit(known.factor * Fraction(10) ** _PREFIXES[prefix], known.powers)
    if symbol in _OWN:
        return Unit(Fraction(1), (("[iU]" if symbol == "[IU]" else symbol, 1),))
    raise _UnknownUnit


def _prefixes_of(symbol: str) -> Iterable[str]:
    return (prefix for prefix in _PREFIXES if symbol.startswith(prefix))


def _atom(symbol: str, table: Mapping[str, tuple[str, str]]) -> Unit | None:
    if symbol in _BASE:
        return Unit(Fraction(1), ((symbol, 1),))
    defined = table.get(symbol)
    if defined is None:
        return None
    base = parse_unit(defined[1])
    return None if base is None else Unit(Fraction(defined[0]) * base.factor, base.powers)
