"""http://hl7.org/fhirpath/N1/#subsetting."""

from collections.abc import Mapping

from psolink.fhirpath.functions.existence import distinct
from psolink.fhirpath.functions.function import INPUT, Function, values
from psolink.fhirpath.nodes import NONE, Collection
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import identity, single, single_integer


def _single(_run: Run, nodes: Collection) -> Collection:
    single(nodes, "single")
    return nodes


def _first(_run: Run, nodes: Collection) -> Collection:
    return nodes[:1]


def _last(_run: Run, nodes: Collection) -> Collection:
    return nodes[-1:]


def _tail(_run: Run, nodes: Collection) -> Collection:
    return nodes[1:]


def _skip(_run: Run, nodes: Collection, count: Collection) -> Collection:
    number = single_integer(count, "skip")
    return NONE if number is None else nodes[max(number, 0) :]


def _take(_run: Run, nodes: Collection, count: Collection) -> Collection:
    number = single_integer(count, "take")
    return NONE if number is None else nodes[: max(number, 0)]


def _intersect(run: Run, nodes: Collection, other: Collection) -> Collection:
    run.spend(len(nodes) + len(other))
    theirs = {identity(node, run) for node in other}
    return distinct(run, [node for node in nodes if identity(node, run) in theirs])


def _exclude(run: Run, nodes: Collection, other: Collection) -> Collection:
    run.spend(len(nodes) + len(other))
    theirs = {identity(node, run) for node in other}
    return [node for node in nodes if identity(node, run) not in theirs]


FUNCTIONS: Mapping[str, Function] = {
    "single": values(INPUT, _single),
    "first": values(INPUT, _first),
    "last": values(INPUT, _last),
    "tail": values(INPUT, _tail),
    "skip": values(INPUT, _skip, 1),
    "take": values(INPUT, _take, 1),
    "intersect": values(INPUT, _intersect, 1),
    "exclude": values(INPUT, _exclude, 1),
}
