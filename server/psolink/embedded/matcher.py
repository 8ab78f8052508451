"""Filters, compiled to functions that tell whether a document matches.

https://www.mongodb.com/docs/manual/reference/operator/query/
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from bson import Regex

from psolink.embedded import paths
from psolink.embedded.comparisons import Test, compare, equal, one_of
from psolink.embedded.documents import MISSING, Document
from psolink.embedded.errors import bad_value
from psolink.embedded.regexes import compile_regex

Predicate = Callable[[Document], bool]
# Tells of all values at a path together whether they satisfy a condition.
Condition = Callable[[list[object]], bool]

LOGICAL: Final = ("$and", "$or", "$nor")


def compile_filter(query: Mapping[str, object]) -> Predicate:
    """Return the function that tells whether a document matches `query`."""
    return _all(list(_clauses(query)))


def roots(query: Mapping[str, object]) -> Iterator[str]:
    """Return the names of the fields on which it depends whether a document matches."""
    for name, operand in query.items():
        if name in LOGICAL:
            for branch in branches(name, operand):
                yield from roots(branch)
        else:
            yield name.partition(".")[0]


def is_operators(operand: object) -> bool:
    """Tell whether a condition is made of operators, rather than a value to be equal to."""
    return isinstance(operand, dict) and next(iter(operand), "").startswith("$")


def branches(name: str, operand: object) -> list[Document]:
    """Return the filters that `$and`, `$or` or `$nor` combines."""
    if not isinstance(operand, list) or not operand:
        raise bad_value(f"{name} must be a nonempty array")
    for branch in operand:
        if not isinstance(branch, dict):
            raise bad_value(f"{name} argument's entries must be objects")
    return operand


# These run for every document that a search looks at: loops, which cost less than `all` and `any`
# of a generator, and a way of their own for what most conditions are.


def _all(predicates: list[Predicate]) -> Predicate:
    if len(predicates) == 1:
        return predicates[0]

    def every(document: Document) -> bool:
        for predicate in predicates:  # noqa: SIM110 - see above
            if not predicate(document):
                return False
        return True

    return every


def _any(predicates: list[Predicate]) -> Predicate:
    def either(document: Document) -> bool:
        for predicate in predicates:  # noqa: SIM110 - see above
            if predicate(document):
                return True
        return False

    return either


def _clauses(query: Mapping[str, object]) -> Iterator[Predicate]:
    """Yield what has to hold of a document, in the order of the filter."""
    for name, operand in query.items():
        if name == "$and":
            for branch in branches(name, operand):
                yield from _clauses(branch)
        elif name in LOGICAL:
            either = _any([compile_filter(branch) for branch in branches(name, operand)])
            yield either if name == "$or" else _none_of(either)
        elif name.startswith("$"):
            raise bad_value(f"unknown top level operator: {name}")
        else:
            yield _field(paths.parse(name), operand)


def _none_of(either: Predicate) -> Predicate:
    return lambda document: not either(document)


def _field(parts: paths.Parts, operand: object) -> Predicate:
    if len(parts) == 1 and isinstance(operand, str):
        return _text_field(parts[0], operand)
    condition = compile_condition(operand, enter_arrays=True)
    if len(parts) == 1:
        (name,) = parts
        return lambda document: condition([document.get(name, MISSING)])
    return lambda document: condition(paths.leaves(document, parts))


def _text_field(name: str, wanted: str) -> Predicate:
    def matches(document: Document) -> bool:
        value = document.get(name)
        return value == wanted or (isinstance(value, list) and wanted in value)

    return matches


def compile_condition(operand: object, *, enter_arrays: bool) -> Condition:
    """Return what tells whether the values at a path satisfy `operand`.

    `enter_arrays`: a value that is an array is satisfied by one of its elements, too.
    """
    if not isinstance(operand, dict) or not is_operators(operand):
        return _one(_equality(operand), enter_arrays=enter_arrays)
    conditions = [
        _operator(name, value, operand, enter_arrays=enter_arrays)
        for name, value in operand.items()
        if name != "$options"
    ]
    if "$options" in operand and "$regex" not in operand:
        raise bad_value("$options needs a $regex")
    if len(conditions) == 1:
        return conditions[0]

    def every(values: list[object]) -> bool:
        for condition in conditions:  # noqa: SIM110 - see above
            if not condition(values):
                return False
        return True

    return every


def _one(test: Test, *, enter_arrays: bool) -> Condition:
    """Return whether one value, or one element of one, passes the test."""

    def condition(values: list[object]) -> bool:
        for value in values:
            if test(value):
                return True
            if enter_arrays and isinstance(value, list):
                for item in value:
                    if test(item):
                        return True
        return False

    return condition


def _equality(operand: object) -> Test:
    return compile_regex(operand).matches if isinstance(operand, Regex) else equal(operand)


def _operator(name: str, operand: object, siblings: Document, *, enter_arrays: bool) -> Condition:
    if name == "$regex":
        test = compile_regex(operand, siblings.get("$options", "")).matches
        return _one(test, enter_arrays=enter_arrays)
    if name in _VALUE_OPERATORS:
        return _one(_VALUE_OPERATORS[name](operand), enter_arrays=enter_arrays)
    if name in _NEGATIONS:
        return _negated(_NEGATIONS[name](operand, enter_arrays))
    if name in _WHOLE_OPERATORS:
        return _WHOLE_OPERATORS[name](operand)
    if name == "$all":
        return _contains_all(operand, enter_arrays=enter_arrays)
    raise bad_value(f"unknown operator: {name}")


def _negated(condition: Condition) -> Condition:
    return lambda values: not condition(values)


def _not_equal(operand: object, enter_arrays: bool) -> Condition:  # noqa: FBT001 - table entry
    if isinstance(operand, Regex):
        raise bad_value("Can't have regex as arg to $ne.")
    return _one(equal(operand), enter_arrays=enter_arrays)


def _not_in(operand: object, enter_arrays: bool) -> Condition:  # noqa: FBT001 - table entry
    return _one(one_of(operand), enter_arrays=enter_arrays)


def _not(operand: object, enter_arrays: bool) -> Condition:  # noqa: FBT001 - table entry
    if not isinstance(operand, Regex) and not is_operators(operand):
        raise bad_value("$not needs a regex or a document of operators")
    return compile_condition(operand, enter_arrays=enter_arrays)


def _exists(operand: object) -> Condition:
    if not isinstance(operand, bool | int | float):
        raise bad_value("$exists has to be true or false")
    wanted = bool(operand)
    return lambda values: any(value is not MISSING for value in values) == wanted


def _size(operand: object) -> Condition:
    if isinstance(operand, bool) or not isinstance(operand, int | float):
        raise bad_value("$size needs a number")
    if operand < 0 or operand != int(operand):
        raise bad_value("$size needs a whole number that is not negative")
    return lambda values: any(isinstance(each, list) and len(each) == operand for each in values)


def element_test(operand: object) -> Test:
    """Return what tells whether an element of an array satisfies `$elemMatch`."""
    if not isinstance(operand, dict):
        raise bad_value("$elemMatch needs an Object")
    if is_operators(operand) and next(iter(operand)) not in LOGICAL:
        condition = compile_condition(operand, enter_arrays=False)
        return lambda item: condition([item])
    predicate = compile_filter(operand)

    def test(item: object) -> bool:
        if isinstance(item, list):
            item = {str(position): each for position, each in enumerate(item)}
        return isinstance(item, dict) and predicate(item)

    return test


def _elem_match(operand: object) -> Condition:
    test = element_test(operand)

    def condition(values: list[object]) -> bool:
        for value in values:
            if isinstance(value, list):
                for item in value:
                    if test(item):
                        return True
        return False

    return condition


def _contains_all(operand: object, *, enter_arrays: bool) -> Condition:
    if not isinstance(operand, list):
        raise bad_value("$all needs an array")
    wanted: list[Condition] = []
    matches = [isinstance(each, dict) and "$elemMatch" in each for each in operand]
    if any(matches) and not all(matches):
        raise bad_value("$all takes either values or $elemMatch, not both")
    for each in operand:
        if is_operators(each) and set(each) != {"$elemMatch"}:
            raise bad_value("no $ expressions in $all")
        if is_operators(each):
            wanted.append(_elem_match(each["$elemMatch"]))
        else:
            wanted.append(_one(_equality(each), enter_arrays=enter_arrays))
    return lambda values: bool(wanted) and all(condition(values) for condition in wanted)


def _equal_operator(operand: object) -> Test:
    if isinstance(operand, Regex):
        raise bad_value("$eq with a regular expression is not supported, use $regex")
    return equal(operand)


_VALUE_OPERATORS: Final[dict[str, Callable[[object], Test]]] = {
    "$eq": _equal_operator,
    "$in": one_of,
    "$gt": lambda operand: compare("$gt", operand),
    "$gte": lambda operand: compare("$gte", operand),
    "$lt": lambda operand: compare("$lt", operand),
    "$lte": lambda operand: compare("$lte", operand),
}
_WHOLE_OPERATORS: Final[dict[str, Callable[[object], Condition]]] = {
    "$exists": _exists,
    "$size": _size,
    "$elemMatch": _elem_match,
}
_NEGATIONS: Final[dict[str, Callable[[object, bool], Condition]]] = {
    "$ne": _not_equal,
    "$nin": _not_in,
    "$not": _not,
}
