"""Adding and multiplying numbers as MongoDB does: the wider type wins, integers never wrap.

https://www.mongodb.com/docs/manual/reference/operator/update/inc/
"""

import operator
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

from bson import Decimal128, Int64
from bson.decimal128 import create_decimal128_context

from psolink.embedded.errors import Code, CommandError, bad_value, not_implemented

_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
Number = int | float | Decimal128


def is_number(value: object) -> bool:
    """Tell whether `value` is a number, which a boolean is not."""
    return isinstance(value, int | float | Decimal128) and not isinstance(value, bool)


def add(name: str, current: object, operand: object) -> Number:
    """Return the sum; `name` is the operator that asks."""
    return _calculate(name, current, operand, operator.add)


def multiply(name: str, current: object, operand: object) -> Number:
    """Return the product; `name` is the operator that asks."""
    return _calculate(name, current, operand, operator.mul)


def _calculate(
    name: str, current: object, operand: object, function: Callable[[Any, Any], Any]
) -> Number:
    one, other = _number(name, current), _number(name, operand)
    if isinstance(one, Decimal128) or isinstance(other, Decimal128):
        with localcontext(create_decimal128_context()):
            return Decimal128(function(_decimal(name, one), _decimal(name, other)))
    result = function(one, other)
    return result if isinstance(result, float) else _integer(name, result, one, other)


def _number(name: str, value: object) -> Number:
    if isinstance(value, int | float | Decimal128) and not isinstance(value, bool):
        return value
    raise CommandError(Code.TypeMismatch, f"Cannot apply {name} to a value that is not a number")


def _decimal(name: str, value: Number) -> Decimal:
    if isinstance(value, float):
        raise not_implemented(f"{name} of a double and a decimal")
    return value.to_decimal() if isinstance(value, Decimal128) else Decimal(value)


def _integer(name: str, result: int, current: object, operand: object) -> int:
    if result not in _INT64:
        raise bad_value(f"Failed to apply {name} operations to current value: integer overflow")
    is_long = isinstance(current, Int64) or isinstance(operand, Int64) or result not in _INT32
    return Int64(result) if is_long else int(result)
