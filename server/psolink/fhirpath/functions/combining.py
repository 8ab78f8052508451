"""http://hl7.org/fhirpath/N1/#combining."""

from collections.abc import Mapping

from psolink.fhirpath.functions.existence import distinct
from psolink.fhirpath.functions.function import ANYTHING, Function, values
from psolink.fhirpath.nodes import Collection
from psolink.fhirpath.scope import Run


def union(run: Run, nodes: Collection, *others: Collection) -> Collection:
    """Return the distinct items of all the collections."""
    return distinct(run, _combine(run, nodes, *others))


def _combine(run: Run, nodes: Collection, *others: Collection) -> Collection:
    found = list(nodes)
    for other in others:
        found.extend(other)
    run.spend(len(found))
    return found


FUNCTIONS: Mapping[str, Function] = {
    "union": values(ANYTHING, union, 1),
    "combine": values(ANYTHING, _combine, 1),
}
