"""A second opinion on the units: pint, with the definitions that ucumvert gives it."""

from decimal import Decimal
from typing import Any

import pytest
from ucumvert import PintUcumRegistry

from psolink.units import canonical

PAIRS = [
    ("mg/dL", "g/L"),
    ("mmol/L", "umol/mL"),
    ("mm[Hg]", "kPa"),
    ("m[H2O]", "kPa"),
    ("[in_i]", "cm"),
    ("[ft_i]", "m"),
    ("[mi_i]", "km"),
    ("[lb_av]", "kg"),
    ("[oz_av]", "g"),
    ("[stone_av]", "kg"),
    ("[gr]", "mg"),
    ("[gal_us]", "L"),
    ("[foz_us]", "mL"),
    ("[tsp_us]", "mL"),
    ("[tbs_us]", "mL"),
    ("[cup_us]", "mL"),
    ("U/L", "kat/m3"),
    ("cal", "J"),
    ("kcal", "kJ"),
    ("Cel", "K"),
    ("[degF]", "Cel"),
    ("[degF]", "K"),
    ("h", "min"),
    ("wk", "d"),
    ("a", "d"),
    ("mo", "d"),
    ("10*3/uL", "10*9/L"),
    ("mL/min", "L/h"),
    ("ug/kg/min", "mg/kg/h"),
    ("kg/m2", "g/cm2"),
    ("mosm/kg", "osm/kg"),
    ("meq/L", "mmol/L"),
    ("ng/mL", "ug/L"),
    ("pg", "fg"),
    ("Pa", "bar"),
    ("atm", "mm[Hg]"),
    ("eV", "J"),
    ("Gy", "mGy"),
    ("Ci", "MBq"),
    ("mA", "uA"),
    ("deg", "rad"),
]


@pytest.fixture(scope="module")
def registry() -> Any:
    return PintUcumRegistry()


@pytest.mark.parametrize(("of", "to"), PAIRS, ids=[f"{of} in {to}" for of, to in PAIRS])
def test_both_convert_alike(registry: Any, of: str, to: str):
    ours, one = canonical(Decimal("37.5"), of), canonical(Decimal(1), to)
    zero = canonical(Decimal(0), to)
    assert ours is not None
    assert one is not None
    assert zero is not None
    assert ours[1] == one[1]
    theirs = registry.Quantity(37.5, registry.from_ucum(of).units).to(registry.from_ucum(to).units)
    # UCUM rounds its column of mercury to 133.322 Pa, pint does not: they differ by 3 in 10^6.
    found = (ours[0] - zero[0]) / (one[0] - zero[0])
    assert float(found) == pytest.approx(theirs.magnitude, rel=1e-5)
