"""What each update operator makes of the value at its path.

https://www.mongodb.com/docs/manual/reference/operator/update/
"""

import time
from collections.abc import Callable
from typing import Any, Final

from bson import Regex
from bson.datetime_ms import DatetimeMS

from psolink.embedded import arithmetic, ordering
from psolink.embedded.documents import MISSING, Document
from psolink.embedded.errors import Code, CommandError, bad_value, not_implemented
from psolink.embedded.matcher import compile_condition, compile_filter, is_operators

# The value at the path (MISSING: there is none) and the operand give the new value.
Operator = Callable[[object, Any], object]


def _set(_current: object, operand: object) -> object:
    return operand


def _unset(_current: object, _operand: object) -> object:
    return MISSING


def _inc(current: object, operand: object) -> object:
    return arithmetic.add("$inc", 0 if current is MISSING else current, operand)


def _mul(current: object, operand: object) -> object:
    return arithmetic.multiply("$mul", 0 if current is MISSING else current, operand)


def _min(current: object, operand: object) -> object:
    return operand if current is MISSING or _key(operand) < _key(current) else current


def _max(current: object, operand: object) -> object:
    return operand if current is MISSING or _key(operand) > _key(current) else current


def _key(value: object) -> bytes:
    return ordering.key(value)


def _current_date(_current: object, operand: object) -> object:
    if operand not in (True, {"$type": "date"}):
        raise not_implemented("$currentDate of another type than date")
    return DatetimeMS(int(time.time() * 1000))


def _push(current: object, operand: object) -> object:
    array, options = _array("$push", current), {}
    items: list[object] = [operand]
    if isinstance(operand, dict) and "$each" in operand:
        options = operand
        items = _each("$push", operand, {"$each", "$slice", "$position"})
    position = _whole(options, "$position", len(array))
    array[position:position] = items
    if "$slice" in options:
        length = _whole(options, "$slice", 0)
        return array[length:] if length < 0 else array[:length]
    return array


def _add_to_set(current: object, operand: object) -> object:
    array = _array("$addToSet", current)
    items: list[object] = [operand]
    if isinstance(operand, dict) and "$each" in operand:
        items = _each("$addToSet", operand, {"$each"})
    present = {_key(item) for item in array}
    for item in items:
        if _key(item) not in present:
            present.add(_key(item))
            array.append(item)
    return array


def _pull(current: object, operand: object) -> object:
    if current is MISSING:
        return MISSING
    array = _array("$pull", current)
    if isinstance(operand, dict) and not is_operators(operand):
        matches = compile_filter(operand)
        return [item for item in array if not (isinstance(item, dict) and matches(item))]
    if isinstance(operand, Regex) or is_operators(operand):
        condition = compile_condition(operand, enter_arrays=True)
        return [item for item in array if not condition([item])]
    return [item for item in array if _key(item) != _key(operand)]


def _pop(current: object, operand: object) -> object:
    if operand not in (1, -1):
        raise CommandError(Code.FailedToParse, "$pop expects 1 or -1")
    if current is MISSING:
        return MISSING
    if not isinstance(current, list):
        raise CommandError(Code.TypeMismatch, "Path contains an element that is not an array")
    return current[:-1] if operand == 1 else current[1:]


def _array(name: str, current: object) -> list[object]:
    if current is MISSING:
        return []
    if not isinstance(current, list):
        raise bad_value(f"The field of {name} must be an array")
    return list(current)


def _each(name: str, operand: Document, allowed: set[str]) -> list[object]:
    unknown = set(operand) - allowed
    if unknown:
        raise not_implemented(f"{', '.join(sorted(unknown))} in {name}")
    items = operand["$each"]
    if not isinstance(items, list):
        raise bad_value(f"The argument to $each in {name} must be an array")
    return items


def _whole(options: Document, name: str, default: int) -> int:
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_value(f"The value for {name} must be a whole number")
    return value


OPERATORS: Final[dict[str, Operator]] = {
    "$set": _set,
    "$setOnInsert": _set,
    "$unset": _unset,
    "$inc": _inc,
    "$mul": _mul,
    "$min": _min,
    "$max": _max,
    "$currentDate": _current_date,
    "$push": _push,
    "$addToSet": _add_to_set,
    "$pull": _pull,
    "$pop": _pop,
}
