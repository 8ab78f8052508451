"""Tests of one value: equal to, one of, greater or less than an operand."""

import operator
from collections.abc import Callable
from typing import Any, Final

from bson import Int64, Regex
from bson.datetime_ms import DatetimeMS

from psolink.embedded import ordering
from psolink.embedded.documents import MISSING
from psolink.embedded.errors import bad_value
from psolink.embedded.regexes import compile_regex

Test = Callable[[object], bool]

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}

# Whole numbers compare as they are; what else there is of numbers compares by its key.
_WHOLE: Final = frozenset({int, Int64})


def equal(operand: object) -> Test:
    """Return whether a value equals `operand`; a missing field equals null."""
    if operand is None:
        return lambda value: value is None or value is MISSING
    if isinstance(operand, str):
        return lambda value: value == operand
    if isinstance(operand, bool):
        return lambda value: value is operand
    kind, wanted = ordering.tag(operand), ordering.key(operand)
    return lambda value: ordering.tag(value) == kind and ordering.key(value) == wanted


def one_of(operand: object) -> Test:
    """Return whether a value equals, or as a regular expression matches, one of `operand`."""
    if not isinstance(operand, list):
        raise bad_value("$in needs an array")
    for each in operand:
        if isinstance(each, dict) and next(iter(each), "").startswith("$"):
            raise bad_value("cannot nest $ under $in")
    expressions = [compile_regex(each) for each in operand if isinstance(each, Regex)]
    values = [each for each in operand if not isinstance(each, Regex)]
    texts = frozenset(each for each in values if isinstance(each, str))
    keys = frozenset(ordering.key(each) for each in values if not isinstance(each, str))

    def test(value: object) -> bool:
        if isinstance(value, str):
            return value in texts or any(each.matches(value) for each in expressions)
        return bool(keys) and ordering.key(value) in keys

    return test


def compare(name: str, operand: object) -> Test:
    """Return whether a value of the operand's type stands in the order `name` to it."""
    if isinstance(operand, Regex):
        raise bad_value("Can't have RegEx as arg to predicate over field")
    kind, bound, ordered = ordering.tag(operand), ordering.key(operand), _ORDER[name]
    if ordering.is_nan(operand):
        # NaN is neither greater nor less than a number, and equal to itself.
        holds = name in {"$gte", "$lte"}
        return lambda value: holds and ordering.is_nan(value)
    if isinstance(operand, DatetimeMS):
        return _moment(ordered, int(operand))
    if kind == ordering.NUMBER:
        return _number(ordered, operand)
    return lambda value: ordering.tag(value) == kind and ordered(ordering.key(value), bound)


def _moment(ordered: Callable[[int, int], bool], bound: int) -> Test:
    return lambda value: type(value) is DatetimeMS and ordered(int(value), bound)


def _number(ordered: Callable[[Any, Any], bool], operand: object) -> Test:
    bound, is_whole = ordering.key(operand), type(operand) in _WHOLE

    def test(value: object) -> bool:
        if is_whole and type(value) in _WHOLE:
            return ordered(value, operand)
        return (
            ordering.tag(value) == ordering.NUMBER
            and ordered(ordering.key(value), bound)
            and not ordering.is_nan(value)
        )

    return test
