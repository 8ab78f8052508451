"""The aggregation stages that do not need expressions, which is what counting takes.

https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from psolink.embedded import arithmetic, ordering, paths
from psolink.embedded.documents import MISSING, Document
from psolink.embedded.errors import Code, CommandError, bad_value, not_implemented
from psolink.embedded.matcher import compile_filter, roots
from psolink.embedded.projection import compile_projection
from psolink.embedded.query import parse_sort

Stage = Callable[[Iterator[Document]], Iterator[Document]]
# What a group makes of its documents, and the value that it starts from.
Expression = Callable[[Document], object]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline whose first filter and sort an index can serve, then its other stages."""

    filter: Document
    sort: Document
    stages: tuple[Stage, ...]
    fields: frozenset[bytes] | None  # those that the stages look at, None: all

    def run(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Return what the stages make of the documents that the filter finds."""
        found = iter(documents)
        for stage in self.stages:
            found = stage(found)
        return found


def compile_pipeline(stages: list[Any]) -> Pipeline:
    """Return the pipeline; a stage that is not supported is refused."""
    named = [_named(stage) for stage in stages]
    for name, _ in named:
        if name not in _STAGES:
            raise CommandError(Code.Location40324, f"Unrecognized pipeline stage name: '{name}'")
    compiled = [_STAGES[name](operand) for name, operand in named]
    first: Document = {}
    sort: Document = {}
    if named and named[0][0] == "$match":
        first = named.pop(0)[1]
        compiled.pop(0)
    if named and named[0][0] == "$sort":
        sort = named.pop(0)[1]
        compiled.pop(0)
    return Pipeline(first, sort, tuple(compiled), _fields(named))


def _fields(stages: list[tuple[str, Any]]) -> frozenset[bytes] | None:
    """Return what is looked at before a stage that leaves nothing of the documents."""
    names: set[str] = set()
    for name, operand in stages:
        if name == "$group":
            expressions = [value for each in operand.values() for value in _leaves(each)]
            names.update(each[1:].partition(".")[0] for each in expressions if each[:1] == "$")
        elif name in ("$match", "$sort"):
            names.update(roots(operand))
        if name in ("$group", "$count"):
            return frozenset(each.encode() for each in names)
    return None


def _leaves(expression: object) -> list[str]:
    found = expression.values() if isinstance(expression, dict) else [expression]
    return [each for each in found if isinstance(each, str)]


def _named(stage: object) -> tuple[str, Any]:
    if not isinstance(stage, dict) or len(stage) != 1:
        raise CommandError(
            Code.Location40323,
            "A pipeline stage specification object must contain exactly one field.",
        )
    return next(iter(stage.items()))


def _match(operand: object) -> Stage:
    if not isinstance(operand, dict):
        raise bad_value("the match filter must be an expression in an object")
    matches = compile_filter(operand)
    return lambda documents: filter(matches, documents)


def _sort(operand: object) -> Stage:
    if not isinstance(operand, dict) or not operand:
        raise bad_value("the $sort key specification must be an object with a field")
    order = parse_sort(operand)
    return lambda documents: iter(sorted(documents, key=order.sort_key))


def _skip(operand: object) -> Stage:
    number = _whole("$skip", operand, least=0)
    return lambda documents: itertools.islice(documents, number, None)


def _limit(operand: object) -> Stage:
    number = _whole("$limit", operand, least=1)
    return lambda documents: itertools.islice(documents, number)


def _whole(name: str, operand: object, *, least: int) -> int:
    if isinstance(operand, bool) or not isinstance(operand, int | float):
        raise bad_value(f"the argument of {name} must be a number")
    if operand < least or operand != int(operand):
        raise bad_value(f"the argument of {name} must be a whole number of at least {least}")
    return int(operand)


def _project(operand: object) -> Stage:
    if not isinstance(operand, dict) or not operand:
        raise bad_value("$project needs an object with a field")
    project = compile_projection(operand)
    if project is None:
        raise bad_value("$project needs an object with a field")
    return lambda documents: map(project, documents)


def _count(operand: object) -> Stage:
    if not isinstance(operand, str) or not operand or operand[0] == "$" or "." in operand:
        raise bad_value("the count field must be a non-empty string without '$' and '.'")

    def stage(documents: Iterator[Document]) -> Iterator[Document]:
        number = sum(1 for _ in documents)
        if number:
            yield {operand: number}

    return stage


def _group(operand: object) -> Stage:
    if not isinstance(operand, dict) or "_id" not in operand:
        raise bad_value("a group specification must include an _id")
    key = _expression(operand["_id"])
    sums = {name: _sum(spec) for name, spec in operand.items() if name != "_id"}

    def stage(documents: Iterator[Document]) -> Iterator[Document]:
        groups: dict[bytes, Document] = {}
        for document in documents:
            value = key(document)
            value = None if value is MISSING else value
            group = groups.setdefault(ordering.key(value), {"_id": value, **dict.fromkeys(sums, 0)})
            for name, expression in sums.items():
                number = expression(document)
                if arithmetic.is_number(number):
                    group[name] = arithmetic.add("$sum", group[name], number)
        yield from groups.values()

    return stage


def _sum(operand: object) -> Expression:
    if not isinstance(operand, dict) or set(operand) != {"$sum"}:
        raise not_implemented("an accumulator of $group other than $sum")
    return _expression(operand["$sum"])


def _expression(operand: object) -> Expression:
    """Return a constant, or the field that "$name" names; other expressions are refused."""
    if isinstance(operand, dict | list):
        raise not_implemented("an aggregation expression")
    if not isinstance(operand, str) or not operand.startswith("$"):
        return lambda _: operand
    parts = paths.parse(operand[1:])

    def expression(document: Document) -> object:
        node: object = document
        for part in parts:
            if isinstance(node, list):
                raise not_implemented("an aggregation expression that passes an array")
            node = node.get(part, MISSING) if isinstance(node, dict) else MISSING
        return node

    return expression


_STAGES: Final[dict[str, Callable[[object], Stage]]] = {
    "$match": _match,
    "$sort": _sort,
    "$skip": _skip,
    "$limit": _limit,
    "$project": _project,
    "$count": _count,
    "$group": _group,
}
