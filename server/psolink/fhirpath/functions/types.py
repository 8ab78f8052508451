"""http://hl7.org/fhirpath/N1/#types."""

from collections.abc import Mapping

from psolink.fhirpath.functions.function import ARGUMENT, BOOLEAN, Function, typed, values
from psolink.fhirpath.model import TYPE_INFO
from psolink.fhirpath.nodes import NONE, Collection, Node, boolean
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import single


def is_type(run: Run, nodes: Collection, type_name: str) -> Collection:
    """Return whether the item is of the type or of one that specializes it."""
    node = single(nodes, "is")
    return NONE if node is None else boolean(value=type_name in run.model.kinds(node.type))


def as_type(run: Run, nodes: Collection, type_name: str) -> Collection:
    """Return the item if it is of the type."""
    single(nodes, "as")
    return of_type(run, nodes, type_name)


def of_type(run: Run, nodes: Collection, type_name: str) -> Collection:
    """Return the items that are of the type."""
    return [node for node in nodes if type_name in run.model.kinds(node.type)]


def _type(run: Run, nodes: Collection) -> Collection:
    run.spend(len(nodes))
    found = [
        dict(zip(("namespace", "name"), run.model.type_name(each.type), strict=True))
        for each in nodes
    ]
    return [Node(each, TYPE_INFO, each) for each in found]


FUNCTIONS: Mapping[str, Function] = {
    "is": typed(BOOLEAN, is_type),
    "as": typed(ARGUMENT, as_type),
    "ofType": typed(ARGUMENT, of_type),
    "type": values(TYPE_INFO, _type),
}
