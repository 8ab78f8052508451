"""http://hl7.org/fhirpath/N1/#filtering-and-projection."""

from collections.abc import Mapping

from psolink.fhirpath.functions.function import ANYTHING, ARGUMENT, INPUT, Function, criteria
from psolink.fhirpath.nodes import Collection, Node
from psolink.fhirpath.scope import Evaluator, Scope
from psolink.fhirpath.values import identity, truth

_REPEATED = 8


def _where(scope: Scope, nodes: Collection, wanted: Evaluator) -> Collection:
    scope.run.spend(len(nodes))
    return [
        node
        for index, node in enumerate(nodes)
        if truth(wanted(scope.of(node, index)), "where") is True
    ]


def _select(scope: Scope, nodes: Collection, projection: Evaluator) -> Collection:
    found: list[Node] = []
    for index, node in enumerate(nodes):
        found.extend(projection(scope.of(node, index)))
    scope.run.spend(len(nodes) + len(found))
    return found


def _repeat(scope: Scope, nodes: Collection, projection: Evaluator) -> Collection:
    seen: dict[object, Node] = {}
    level = list(nodes)
    while level:
        # Each item is looked up and kept, which takes as long as several steps of a path.
        scope.run.spend(_REPEATED * len(level))
        level = _unseen(scope, _select(scope, level, projection), seen)
    return list(seen.values())


def _unseen(scope: Scope, nodes: Collection, seen: dict[object, Node]) -> list[Node]:
    """Return the items that were not met before, and remember them."""
    found: list[Node] = []
    for node in nodes:
        key = identity(node, scope.run)
        if key not in seen:
            seen[key] = node
            found.append(node)
    return found


FUNCTIONS: Mapping[str, Function] = {
    "where": criteria(INPUT, _where),
    "select": criteria(ARGUMENT, _select),
    "repeat": criteria(ANYTHING, _repeat),
}
