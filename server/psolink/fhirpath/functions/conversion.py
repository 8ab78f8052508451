"""http://hl7.org/fhirpath/N1/#conversion."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from psolink.fhirpath.arithmetic import number
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import (
    ARGUMENT,
    BOOLEAN,
    DECIMAL,
    INTEGER,
    STRING,
    Function,
    criteria,
    values,
)
from psolink.fhirpath.nodes import NONE, Collection, boolean, decimal, integer, string
from psolink.fhirpath.scope import Evaluator, Run, Scope
from psolink.fhirpath.temporal import Temporal
from psolink.fhirpath.values import Plain, is_number, plain, single

_MOST_DIGITS = 100
_TRUE = ("true", "t", "yes", "y", "1", "1.0")
_FALSE = ("false", "f", "no", "n", "0", "0.0")
_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?", re.ASCII)

Convert = Callable[[Plain, object], Collection]


def _iif(scope: Scope, nodes: Collection, condition: Evaluator, *then: Evaluator) -> Collection:
    node = single(nodes, "iif")
    # `$index` and `$total` stay those of the expression around.
    inner = scope if node is None else Scope(scope.run, (node,), scope.index, scope.total)
    met = single(condition(inner), "iif")
    if met is not None and not isinstance(met.value, bool):
        raise FhirPathError(f"iif() takes a boolean as its criterion, found {met.type}")
    if met is not None and met.value:
        return then[0](inner)
    return then[1](inner) if len(then) > 1 else NONE


def _to_boolean(value: Plain, _raw: object) -> Collection:
    if isinstance(value, bool):
        return boolean(value=value)
    text = str(value).lower() if is_number(value) or isinstance(value, str) else ""
    return boolean(value=True if text in _TRUE else False if text in _FALSE else None)


def _to_integer(value: Plain, _raw: object) -> Collection:
    if isinstance(value, int):
        return integer(int(value))
    return number(int(value)) if isinstance(value, str) and _INTEGER.fullmatch(value) else NONE


def _to_decimal(value: Plain, _raw: object) -> Collection:
    if isinstance(value, int | Decimal):
        return decimal(Decimal(value))
    return decimal(Decimal(value)) if isinstance(value, str) and _DECIMAL.fullmatch(value) else NONE


def _to_string(value: Plain, raw: object) -> Collection:
    if isinstance(value, bool):
        return string("true" if value else "false")
    if isinstance(value, Decimal):
        return string(f"{value:f}" if abs(value.adjusted()) <= _MOST_DIGITS else str(value))
    return string(str(raw)) if isinstance(value, Temporal) else string(str(value))


def _converted(run: Run, nodes: Collection, name: str, convert: Convert) -> Collection | None:
    """Return the converted item, nothing if it cannot be converted, None without an item."""
    node = single(nodes, name)
    if node is None:
        return None
    value = plain(node, run.model)
    return NONE if value is None else convert(value, node.value)


def _conversion(gives: str, name: str, convert: Convert) -> Function:
    def apply(run: Run, nodes: Collection) -> Collection:
        return _converted(run, nodes, name, convert) or NONE

    return values(gives, apply)


def _test(name: str, convert: Convert) -> Function:
    def apply(run: Run, nodes: Collection) -> Collection:
        found = _converted(run, nodes, name, convert)
        return boolean(value=None if found is None else bool(found))

    return values(BOOLEAN, apply)


FUNCTIONS: Mapping[str, Function] = {
    "iif": criteria(ARGUMENT, _iif, 2, 3),
    "toBoolean": _conversion(BOOLEAN, "toBoolean", _to_boolean),
    "convertsToBoolean": _test("convertsToBoolean", _to_boolean),
    "toInteger": _conversion(INTEGER, "toInteger", _to_integer),
    "convertsToInteger": _test("convertsToInteger", _to_integer),
    "toDecimal": _conversion(DECIMAL, "toDecimal", _to_decimal),
    "convertsToDecimal": _test("convertsToDecimal", _to_decimal),
    "toString": _conversion(STRING, "toString", _to_string),
    "convertsToString": _test("convertsToString", _to_string),
}
