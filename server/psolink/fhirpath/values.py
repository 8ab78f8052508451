"""From nodes to plain values.

http://hl7.org/fhirpath/N1/#conversion and http://hl7.org/fhir/R4/fhirpath.html#types
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from psolink.fhirpath.amounts import key_of
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.model import Model
from psolink.fhirpath.nodes import Amount, Collection, Node
from psolink.fhirpath.scope import Run
from psolink.fhirpath.temporal import Temporal, parse_temporal

Plain = bool | int | Decimal | str | Temporal | Amount
UCUM = "http://unitsofmeasure.org"
_FROZEN = 2
"""Steps for each part of a value that is looked at as a whole, however deep the part lies."""

_TEMPORAL = ("Date", "DateTime", "Time")
# http://hl7.org/fhir/R4/fhirpath.html#quantity; shorter times are the same in both.
_CALENDAR = {"a": "year", "mo": "month"}


def plain(node: Node, model: Model) -> Plain | None:
    """Return the value of a primitive or quantity; None for other types, or without a value."""
    system = model.system_type(node.type)
    if node.value is None or system is None:
        return None
    if system in _TEMPORAL:
        return parse_temporal(node.value) if isinstance(node.value, str) else None
    if system == "Quantity":
        return _amount(node.value)
    value: Plain | None = node.value if isinstance(node.value, bool | int | Decimal | str) else None
    return value


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Return whether it is an integer or decimal; Python counts booleans as integers, too."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def kind(value: Plain) -> str:
    """Return what a value is, for diagnostics, which never quote the value itself."""
    if isinstance(value, Temporal):
        return "time" if value.is_time else "date"
    if isinstance(value, Amount):
        return "quantity"
    return "number" if is_number(value) else type(value).__name__.lower()


def single(nodes: Collection, wanted: str) -> Node | None:
    """Return the only item, None if there is none; several are an error."""
    if len(nodes) > 1:
        raise FhirPathError(f"{wanted} takes one item, found {len(nodes)}")
    return nodes[0] if nodes else None


def single_value(nodes: Collection, model: Model, wanted: str) -> Plain | None:
    """Return the plain value of the only item."""
    node = single(nodes, wanted)
    return None if node is None else plain(node, model)


def single_string(nodes: Collection, wanted: str) -> str | None:
    """Return the string that is the only item; None if there is none."""
    node = single(nodes, wanted)
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, str):
        raise FhirPathError(f"{wanted} takes a string, found {node.type}")
    return node.value


def single_integer(nodes: Collection, wanted: str) -> int | None:
    """Return the integer that is the only item; None if there is none."""
    node = single(nodes, wanted)
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, int) or isinstance(node.value, bool):
        raise FhirPathError(f"{wanted} takes an integer, found {node.type}")
    return node.value


def truth(nodes: Collection, wanted: str) -> bool | None:
    """Return the collection as a condition: one item that is not a boolean counts as true."""
    node = single(nodes, wanted)
    if node is None:
        return None
    return node.value if isinstance(node.value, bool) else True


def _amount(value: object) -> Amount | None:
    if isinstance(value, Amount):
        return value
    if not isinstance(value, Mapping) or not is_number(value.get("value")):
        return None
    if "comparator" in value:
        return None  # `< 5 mg` is a range, not an amount
    unit = value.get("code") or value.get("unit") or "1"
    if not isinstance(unit, str):
        return None
    calendar = _CALENDAR.get(unit) if value.get("system") == UCUM else None
    number = Decimal(value["value"])
    return Amount(number, unit) if calendar is None else Amount(number, calendar, is_calendar=True)


def identity(node: Node, run: Run) -> Any:  # noqa: ANN401 - any hashable value
    """Return a key that is the same for items that are equal."""
    value = plain(node, run.model)
    if value is None:
        content = None if node.content is node.value else frozen(node.content, run)
        return ("complex", frozen(node.value, run), content)
    if isinstance(value, Amount):
        return ("amount", key_of(value))
    return ("number", value) if is_number(value) else (type(value).__name__, value)


def frozen(value: object, run: Run) -> Any:  # noqa: ANN401 - any hashable value
    """Return a JSON value as a hashable one; the order of properties does not matter."""
    if isinstance(value, Mapping):
        run.spend(_FROZEN * len(value))
        return frozenset((key, frozen(item, run)) for key, item in value.items())
    if isinstance(value, list):
        run.spend(_FROZEN * len(value))
        return tuple(frozen(item, run) for item in value)
    return ("boolean", value) if isinstance(value, bool) else value
