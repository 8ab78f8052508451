"""Conversion to dates, times and quantities.

http://hl7.org/fhirpath/N1/#conversion
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from psolink.fhirpath.amounts import converted, dimensionless
from psolink.fhirpath.durations import calendar_name
from psolink.fhirpath.functions.function import BOOLEAN, Function, values
from psolink.fhirpath.nodes import NONE, Amount, Collection, boolean, quantity, system_node
from psolink.fhirpath.scope import Run
from psolink.fhirpath.temporal import Temporal, parse_temporal
from psolink.fhirpath.values import Plain, is_number, plain, single, single_string

_AMOUNT = re.compile(
    r"(?P<value>[+-]?\d{1,40}(?:\.\d{1,40})?)\s*(?:'(?P<unit>[^']{1,100})'|(?P<word>[a-z]{3,12}))?",
    re.ASCII,
)
_DATE_LENGTH = 10

Convert = Callable[[Plain, object], Collection]


def _temporal(value: Plain, raw: object) -> tuple[Temporal, str] | None:
    """Return a date or time with its text, also one that is in a string."""
    found = parse_temporal(value) if isinstance(value, str) else value
    return (found, str(raw)) if isinstance(found, Temporal) and isinstance(raw, str) else None


def _to_date(value: Plain, raw: object) -> Collection:
    found = _temporal(value, raw)
    if found is None or found[0].is_time:
        return NONE
    return (system_node(found[1][:_DATE_LENGTH].partition("T")[0], "Date"),)


def _to_date_time(value: Plain, raw: object) -> Collection:
    found = _temporal(value, raw)
    return NONE if found is None or found[0].is_time else (system_node(found[1], "DateTime"),)


def _to_time(value: Plain, raw: object) -> Collection:
    found = _temporal(value, raw)
    if found is None or not found[0].is_time:
        return NONE
    return (system_node(found[1].removeprefix("T"), "Time"),)


def _to_quantity(value: Plain, _raw: object) -> Collection:
    if isinstance(value, Amount):
        return quantity(value)
    if isinstance(value, bool) or is_number(value):
        return quantity(dimensionless(Decimal(value)))
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return NONE
    number, word = Decimal(match["value"]), match["word"]
    if word is None:
        return quantity(Amount(number, match["unit"] or "1"))
    name = calendar_name(word)
    return NONE if name is None else quantity(Amount(number, name, is_calendar=True))


def _converted(
    run: Run, nodes: Collection, name: str, convert: Convert, unit: tuple[Collection, ...]
) -> Collection | None:
    """Return what the item converts to, nothing if it does not; None without an item."""
    node = single(nodes, name)
    value = None if node is None else plain(node, run.model)
    wanted = single_string(unit[0], name) if unit else None
    if node is None or (unit and wanted is None):
        return None
    found = NONE if value is None else convert(value, node.value)
    if wanted is None or not found:
        return found
    to = converted(found[0].value, Amount(Decimal(1), wanted))
    return NONE if to is None else quantity(to)


def _pair(name: str, convert: Convert) -> dict[str, Function]:
    """Return the conversion and its test; that to a quantity may name the unit."""
    most = 1 if name == "Quantity" else 0

    def to(run: Run, nodes: Collection, *unit: Collection) -> Collection:
        return _converted(run, nodes, f"to{name}", convert, unit) or NONE

    def test(run: Run, nodes: Collection, *unit: Collection) -> Collection:
        found = _converted(run, nodes, f"convertsTo{name}", convert, unit)
        return boolean(value=None if found is None else bool(found))

    return {
        f"to{name}": values(f"System.{name}", to, 0, most),
        f"convertsTo{name}": values(BOOLEAN, test, 0, most),
    }


FUNCTIONS: Mapping[str, Function] = {
    **_pair("Date", _to_date),
    **_pair("DateTime", _to_date_time),
    **_pair("Time", _to_time),
    **_pair("Quantity", _to_quantity),
}
