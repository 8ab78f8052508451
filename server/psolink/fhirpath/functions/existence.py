"""http://hl7.org/fhirpath/N1/#existence."""

from collections.abc import Callable, Iterator, Mapping

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import BOOLEAN, INPUT, INTEGER, Function, criteria, values
from psolink.fhirpath.nodes import FALSE, NONE, TRUE, Collection, Node, boolean, integer
from psolink.fhirpath.scope import Evaluator, Run, Scope
from psolink.fhirpath.values import identity, truth


def _empty(_run: Run, nodes: Collection) -> Collection:
    return boolean(value=not nodes)


def _exists(scope: Scope, nodes: Collection, *wanted: Evaluator) -> Collection:
    if not wanted:
        return boolean(value=bool(nodes))
    return boolean(value=any(_holds(scope, nodes, wanted[0], "exists")))


def _all(scope: Scope, nodes: Collection, wanted: Evaluator) -> Collection:
    return boolean(value=all(_holds(scope, nodes, wanted, "all")))


def _holds(scope: Scope, nodes: Collection, wanted: Evaluator, name: str) -> Iterator[bool]:
    for index, node in enumerate(nodes):
        scope.run.spend(1)
        yield truth(wanted(scope.of(node, index)), name) is True


def _of_booleans(name: str, answer: Callable[[list[bool]], bool]) -> Function:
    def apply(_run: Run, nodes: Collection) -> Collection:
        if not all(isinstance(node.value, bool) for node in nodes):
            raise FhirPathError(f"{name} takes booleans only")
        return boolean(value=answer([node.value for node in nodes]))

    return values(BOOLEAN, apply)


def _subset_of(run: Run, nodes: Collection, other: Collection) -> Collection:
    run.spend(len(nodes) + len(other))
    theirs = {identity(node, run) for node in other}
    return boolean(value=all(identity(node, run) in theirs for node in nodes))


def _superset_of(run: Run, nodes: Collection, other: Collection) -> Collection:
    return _subset_of(run, other, nodes)


def _count(_run: Run, nodes: Collection) -> Collection:
    return integer(len(nodes))


def distinct(run: Run, nodes: Collection) -> Collection:
    """Return the items without those that are equal to an earlier one."""
    if len(nodes) <= 1:
        return nodes
    run.spend(len(nodes))
    found: dict[object, Node] = {}
    for node in nodes:
        found.setdefault(identity(node, run), node)
    return list(found.values())


def _is_distinct(run: Run, nodes: Collection) -> Collection:
    return boolean(value=len(distinct(run, nodes)) == len(nodes))


def _not(_run: Run, nodes: Collection) -> Collection:
    found = truth(nodes, "not")
    if found is None:
        return NONE
    return FALSE if found else TRUE


FUNCTIONS: Mapping[str, Function] = {
    "empty": values(BOOLEAN, _empty),
    "exists": criteria(BOOLEAN, _exists, 0, 1),
    "all": criteria(BOOLEAN, _all),
    "allTrue": _of_booleans("allTrue", all),
    "anyTrue": _of_booleans("anyTrue", any),
    "allFalse": _of_booleans("allFalse", lambda found: not any(found)),
    "anyFalse": _of_booleans("anyFalse", lambda found: not all(found)),
    "subsetOf": values(BOOLEAN, _subset_of, 1),
    "supersetOf": values(BOOLEAN, _superset_of, 1),
    "count": values(INTEGER, _count),
    "distinct": values(INPUT, distinct),
    "isDistinct": values(BOOLEAN, _is_distinct),
    "not": values(BOOLEAN, _not),
}
