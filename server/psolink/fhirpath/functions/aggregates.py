"""http://hl7.org/fhirpath/N1/#aggregates."""

from collections.abc import Mapping

from psolink.fhirpath.functions.function import ANYTHING, Function, criteria
from psolink.fhirpath.nodes import NONE, Collection
from psolink.fhirpath.scope import Evaluator, Scope


def _aggregate(
    scope: Scope, nodes: Collection, aggregator: Evaluator, *initial: Evaluator
) -> Collection:
    total = initial[0](scope) if initial else NONE
    for index, node in enumerate(nodes):
        total = aggregator(Scope(scope.run, (node,), index, total))
        scope.run.spend(1 + len(total))
    return total


FUNCTIONS: Mapping[str, Function] = {"aggregate": criteria(ANYTHING, _aggregate, 1, 2)}
