"""FHIRPath Patch: operations on the elements that FHIRPath finds.

https://hl7.org/fhir/R4/fhirpatch.html
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

from psolink.definitions import Definitions
from psolink.errors import InvalidRequest, TooCostly, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Compiler, Expression, FhirPathError, Node, resource_node, scope_of
from psolink.interactions.elements import Elements, Unfit
from psolink.interactions.patching import MAX_OPERATIONS, Patch

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "add": ("name", "value"),
    "insert": ("index", "value"),
    "delete": (),
    "replace": ("value",),
    "move": ("source", "destination"),
}
_SHOWN = 120
_MAX_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation; `parts` are its parameters by name, `at` is where it stands."""

    type: str
    path: str
    found: Expression
    parts: Mapping[str, JsonObject]
    at: str

    def number(self, name: str) -> int:
        """Return the integer of a part."""
        value = self.parts[name].get("valueInteger")
        if not isinstance(value, int):
            raise InvalidRequest(f"The part {name} needs a valueInteger.", self.at)
        return value


class FhirPathPatch:
    """Reads Parameters as patches, with the definitions and a compiler that all of them share."""

    def __init__(self, definitions: Definitions, compiler: Compiler) -> None:
        self._elements = Elements(definitions)
        self._compiler = compiler

    def read(self, parameters: JsonObject, at: str) -> Patch:
        """Return the patch; raise `InvalidRequest` where the Parameters are none."""
        given = parameters.get("parameter", [])
        if len(given) > MAX_OPERATIONS:
            raise TooCostly(f"A patch may have {MAX_OPERATIONS} operations; send it in parts.", at)
        operations = [
            self._operation(each, f"{at}.parameter[{index}]") for index, each in enumerate(given)
        ]
        return partial(self._apply, operations)

    def _operation(self, parameter: JsonObject, at: str) -> _Operation:
        if parameter.get("name") != "operation":
            raise InvalidRequest("Each parameter of a FHIRPath Patch is named operation.", at)
        parts = {each["name"]: each for each in parameter.get("part", ())}
        kind = _text(parts, "type", at)
        if kind not in _NEEDED:
            raise InvalidRequest(
                f"The type of an operation is one of {', '.join(_NEEDED)}, and this is "
                f"{kind[:_SHOWN]!r}.",
                at,
            )
        path = _text(parts, "path", at)
        missing = [name for name in _NEEDED[kind] if name not in parts]
        if missing:
            raise InvalidRequest(f"{kind} needs the part {' and '.join(missing)}.", at)
        try:
            return _Operation(kind, path, self._compiler.compile(path), parts, at)
        except FhirPathError as error:
            raise InvalidRequest(f"The path is no FHIRPath: {error}.", at) from error

    def _apply(self, operations: Sequence[_Operation], resource: JsonObject) -> JsonObject:
        patched, steps = deepcopy(resource), _MAX_STEPS
        for each in operations:
            try:
                steps = self._perform(each, patched, steps)
            except Unfit as unfit:
                raise Unprocessable(
                    f"{each.type} at {each.path[:_SHOWN]!r}: {unfit}", each.at
                ) from unfit
        return patched

    def _perform(self, operation: _Operation, resource: JsonObject, steps: int) -> int:
        """Change the resource; return what is left of the steps that all paths may take together."""
        scope = scope_of(operation.found.model, resource_node(resource), max_steps=steps)
        try:
            found = operation.found.evaluate(scope)
        except FhirPathError as error:
            # What it says of it may quote the resource.
            raise Unfit("the path cannot be evaluated on this resource.") from error
        _PERFORM[operation.type](self._elements, operation, found)
        return scope.run.steps


def _add(elements: Elements, operation: _Operation, found: Sequence[Node]) -> None:
    name = _text(operation.parts, "name", operation.at)
    elements.add(_one(found), name, operation.parts["value"])


def _insert(elements: Elements, operation: _Operation, found: Sequence[Node]) -> None:
    elements.insert(found, operation.number("index"), operation.parts["value"])


def _delete(elements: Elements, _operation: _Operation, found: Sequence[Node]) -> None:
    # Where nothing is there, nothing is left to delete.
    if found:
        elements.delete(_one(found))


def _replace(elements: Elements, operation: _Operation, found: Sequence[Node]) -> None:
    elements.replace(_one(found), operation.parts["value"])


def _move(elements: Elements, operation: _Operation, found: Sequence[Node]) -> None:
    elements.move(found, operation.number("source"), operation.number("destination"))


_PERFORM: Mapping[str, Callable[[Elements, _Operation, Sequence[Node]], None]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}


def _one(found: Sequence[Node]) -> Node:
    if len(found) != 1:
        count = f"{len(found)} elements" if found else "nothing"
        raise Unfit(f"the path finds {count}, and has to find exactly one element.")
    return found[0]


def _text(parts: Mapping[str, JsonObject], name: str, at: str) -> str:
    part = parts.get(name, {})
    value = part.get("valueCode", part.get("valueString"))
    if not isinstance(value, str):
        raise InvalidRequest(f"The operation needs the part {name}, a code or string.", at)
    return value
