"""http://hl7.org/fhirpath/N1/#tree-navigation."""

from collections.abc import Mapping

from psolink.fhirpath.functions.function import ANYTHING, Function, values
from psolink.fhirpath.navigation import children
from psolink.fhirpath.nodes import Collection, Node
from psolink.fhirpath.scope import Run


def _children(run: Run, nodes: Collection) -> Collection:
    found = [each for node in nodes for each in children(run.model, node)]
    run.spend(len(nodes) + len(found))
    return found


def _descendants(run: Run, nodes: Collection) -> Collection:
    found: list[Node] = []
    level = _children(run, nodes)
    while level:
        found.extend(level)
        level = _children(run, level)
    return found


FUNCTIONS: Mapping[str, Function] = {
    "children": values(ANYTHING, _children),
    "descendants": values(ANYTHING, _descendants),
}
