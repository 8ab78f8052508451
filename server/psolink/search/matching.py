"""Whether values meet a condition of criteria: what the database does, for what was read already.

A database says which resource matches, and not which of those that it contains.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from psolink.fhir_json import JsonObject

Test = Callable[[Any, Any], bool]


def meets(condition: JsonObject, values: Mapping[str, Any]) -> bool:
    """Tell whether the values, of a document or of one item of an array, meet the condition."""
    return all(_clause(name, operand, values) for name, operand in condition.items())


def _clause(name: str, operand: Any, values: Mapping[str, Any]) -> bool:  # noqa: ANN401 - any JSON
    if name in _LOGICAL:
        return _LOGICAL[name](meets(each, values) for each in operand)
    found: Any = values
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return _passes(found, operand if _is_operators(operand) else {"$eq": operand})


def _passes(value: Any, operators: JsonObject) -> bool:  # noqa: ANN401 - any JSON
    return all(_OPERATORS[name](value, operand) for name, operand in operators.items())


def _is_operators(operand: object) -> bool:
    return isinstance(operand, dict) and next(iter(operand), "").startswith("$")


def _has_item(value: object, operand: JsonObject) -> bool:
    if not isinstance(value, list):
        return False
    if _is_operators(operand) and next(iter(operand)) not in _LOGICAL:
        return any(_passes(each, operand) for each in value)
    return any(meets(operand, each) for each in value)


def _one(test: Test) -> Test:
    """Return a test that an array passes by one of its values; what is absent passes none."""

    def passes(value: Any, operand: Any) -> bool:  # noqa: ANN401 - any JSON
        some = value if isinstance(value, list) else [value]
        return any(each is not None and test(each, operand) for each in some)

    return passes


def _is_same(value: object, operand: object) -> bool:
    # What is absent is equal to nothing, and to that alone.
    return value is None if operand is None else _one(operator.eq)(value, operand)


_LOGICAL: Mapping[str, Callable[[Any], bool]] = {
    "$and": all,
    "$or": any,
    "$nor": lambda branches: not any(branches),
}
_OPERATORS: Mapping[str, Test] = {
    "$eq": _is_same,
    "$in": lambda value, operand: any(_is_same(value, each) for each in operand),
    "$gt": _one(operator.gt),
    "$gte": _one(operator.ge),
    "$lt": _one(operator.lt),
    "$lte": _one(operator.le),
    "$regex": _one(lambda value, operand: re.search(operand, value) is not None),
    "$not": lambda value, operand: not _passes(value, operand),
    "$elemMatch": _has_item,
}
