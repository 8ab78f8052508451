"""http://hl7.org/fhir/R4/fhirpath.html#functions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import ANYTHING, BOOLEAN, Function, values
from psolink.fhirpath.navigation import follower
from psolink.fhirpath.nodes import NONE, Collection, Node, boolean, system_node
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import single, single_string

_LITERAL = re.compile(
    r"(?:.+/)?(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?",
    re.ASCII,
)


class Unfetched(Mapping[str, Any]):
    """The content of a resource that a reference points at: its type is known, no more.

    Looking into it is an error, not an answer, for an empty one would be wrong.
    """

    def __getitem__(self, key: str) -> NoReturn:
        raise _not_fetched()

    def __iter__(self) -> Iterator[str]:
        raise _not_fetched()

    def __len__(self) -> int:
        raise _not_fetched()


def _not_fetched() -> FhirPathError:
    return FhirPathError("what resolve() points at is not fetched: only its type is known here")


_UNFETCHED = Unfetched()


def _extension(run: Run, nodes: Collection, url: Collection) -> Collection:
    wanted = single_string(url, "extension")
    found = follower(run.model, "extension")(nodes)
    run.spend(len(nodes) + len(found))
    return [each for each in found if wanted is not None and each.content.get("url") == wanted]


def _has_extension(run: Run, nodes: Collection, url: Collection) -> Collection:
    # Not in the specification, but in the expression of R4's own parameter `item-subject`.
    return boolean(value=bool(_extension(run, nodes, url)))


def _has_value(run: Run, nodes: Collection) -> Collection:
    return boolean(value=len(nodes) == 1 and _is_value(run, nodes[0]))


def _get_value(run: Run, nodes: Collection) -> Collection:
    node = single(nodes, "getValue")
    if node is None or not _is_value(run, node):
        return NONE
    return (system_node(node.value, str(run.model.system_type(node.type))),)


def _is_value(run: Run, node: Node) -> bool:
    if node.type.startswith("System."):
        return True
    return node.value is not None and run.model.is_primitive(node.type)


def _resolve(run: Run, nodes: Collection) -> Collection:
    run.spend(len(nodes))
    found = (_target(run, node) for node in nodes)
    return [each for each in found if each is not None]


def _target(run: Run, node: Node) -> Node | None:
    """Return the contained resource, or what is known of one that is not fetched."""
    is_reference = isinstance(node.value, Mapping)
    literal = node.value.get("reference") if is_reference else node.value
    if isinstance(literal, str) and literal.startswith("#"):
        return _contained(run, literal[1:])
    match = _LITERAL.fullmatch(literal) if isinstance(literal, str) else None
    name = match["type"] if match else node.value.get("type") if is_reference else None
    if not isinstance(name, str) or not run.model.is_type(name):
        return None
    return Node(None, name, _UNFETCHED)


def _contained(run: Run, logical_id: str) -> Node | None:
    if not logical_id:
        return run.resource
    contained = follower(run.model, "contained")((run.resource,))
    return next((each for each in contained if each.content.get("id") == logical_id), None)


FUNCTIONS: Mapping[str, Function] = {
    "extension": values("Extension", _extension, 1),
    "hasExtension": values(BOOLEAN, _has_extension, 1),
    "hasValue": values(BOOLEAN, _has_value),
    "getValue": values(ANYTHING, _get_value),
    "resolve": values(ANYTHING, _resolve),
}
