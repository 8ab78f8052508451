"""http://hl7.org/fhirpath/#sort."""

from collections.abc import Mapping, Sequence
from functools import cmp_to_key

from psolink.fhirpath.equality import order
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import INPUT, Function, Takes
from psolink.fhirpath.nodes import Collection, Node
from psolink.fhirpath.scope import Evaluator, Scope
from psolink.fhirpath.values import Plain, plain, single

_MOST_KEYS = 16
_STEPS_OF_A_COMPARISON = 4

Key = tuple[str, Evaluator]


def _sort(scope: Scope, nodes: Collection, *keys: Key) -> Collection:
    """Return the items in order of the keys; each says in which direction."""
    wanted: Sequence[Key] = keys or (("asc", lambda inner: inner.this),)
    scope.run.spend(_STEPS_OF_A_COMPARISON * len(nodes) * len(nodes).bit_length() * len(wanted))
    rows = [(node, _values(scope.of(node, at), wanted)) for at, node in enumerate(nodes)]

    def compare(
        left: tuple[Node, list[Plain | None]], right: tuple[Node, list[Plain | None]]
    ) -> int:
        for (direction, _), ours, theirs in zip(wanted, left[1], right[1], strict=True):
            found = _compared(ours, theirs, direction)
            if found:
                return found
        return 0

    return [node for node, _ in sorted(rows, key=cmp_to_key(compare))]


def _values(scope: Scope, keys: Sequence[Key]) -> list[Plain | None]:
    found: list[Plain | None] = []
    for _, key in keys:
        node = single(key(scope), "sort")
        value = None if node is None else plain(node, scope.run.model)
        if node is not None and value is None and node.value is not None:
            raise FhirPathError(f"sort() takes what can be compared, found {node.type}")
        found.append(value)
    return found


def _compared(left: Plain | None, right: Plain | None, direction: str) -> int:
    """Return the order of two keys; what is open stays in place.

    A missing key is less than any other, so that with `desc` it comes last. The negative of a
    missing key is missing too: with a minus it comes first.
    """
    if left is None or right is None:
        found = (left is not None) - (right is not None)
        return -found if direction == "desc" else found
    found = order(left, right) or 0
    return found if direction == "asc" else -found


FUNCTIONS: Mapping[str, Function] = {"sort": Function(_sort, Takes.ORDER, 0, _MOST_KEYS, INPUT)}
