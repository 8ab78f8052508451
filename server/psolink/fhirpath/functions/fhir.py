"""http://hl7.org/fhir/R4/fhirpath.html#functions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import ANYTHING, BOOLEAN, Function, values
from psolink.fhirpath.narrative import is_proper_narrative
from psolink.fhirpath.navigation import follower
from psolink.fhirpath.nodes import NONE, Collection, Node, boolean, resource_node, system_node
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import single, single_string

_LITERAL = re.compile(
    r"(?:.+/)?(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?",
    re.ASCII,
)

_CHARACTERS_OF_A_STEP = 16


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


def _conforms_to(run: Run, nodes: Collection, profile: Collection) -> Collection:
    node, url = single(nodes, "conformsTo"), single_string(profile, "conformsTo")
    if node is None or url is None:
        return NONE
    if run.environment.profiles is None:
        raise FhirPathError("conformsTo() needs profiles, and this evaluation was given none")
    found = run.environment.profiles.conforms(node, url)
    if found is None:
        raise FhirPathError("conformsTo() was asked about a profile that is not known here")
    return boolean(value=found)


def _member_of(run: Run, nodes: Collection, value_set: Collection) -> Collection:
    node, url = single(nodes, "memberOf"), single_string(value_set, "memberOf")
    if node is None or url is None:
        return NONE
    if run.environment.value_sets is None:
        raise FhirPathError("memberOf() needs value sets, and this evaluation was given none")
    has_code = run.environment.value_sets.has_code
    found = [has_code(url, system, code) for system, code in _codings(node)]
    if True in found:
        return boolean(value=True)
    if None in found:
        raise FhirPathError("memberOf() was asked about a value set that is not known here")
    return boolean(value=False)


def _codings(node: Node) -> Iterator[tuple[str | None, str]]:
    """Yield the codes of a code, Coding or CodeableConcept with their systems."""
    if isinstance(node.value, str):
        yield None, node.value
        return
    codings = node.content.get("coding", ()) if node.type == "CodeableConcept" else (node.content,)
    for coding in codings if isinstance(codings, list | tuple) else ():
        code = coding.get("code") if isinstance(coding, Mapping) else None
        if isinstance(code, str):
            yield coding.get("system"), code


def _html_checks(run: Run, nodes: Collection) -> Collection:
    node = single(nodes, "htmlChecks")
    if node is None:
        return NONE
    text = node.value
    run.spend(len(text) // _CHARACTERS_OF_A_STEP if isinstance(text, str) else 0)
    return boolean(value=isinstance(text, str) and is_proper_narrative(text))


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
    resolver = run.environment.resolver
    resource = resolver.resolve(literal) if resolver and isinstance(literal, str) else None
    if resource is not None:
        return resource_node(resource)
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
    "memberOf": values(BOOLEAN, _member_of, 1),
    "conformsTo": values(BOOLEAN, _conforms_to, 1),
    "htmlChecks": values(BOOLEAN, _html_checks),
}
