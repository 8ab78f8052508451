"""Where a rule writes: a path into a resource type, checked against the definitions of R4."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from psolink.definitions import Definitions, Element
from psolink.fhir_json import JsonObject


class NoSuchElement(Exception):
    """R4 does not define an element of this path."""


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a path, as the JSON property it is."""

    name: str
    is_list: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A path from a resource, and the type of what it holds.

    `codes` are the codes of a required binding, where its code list is closed.
    """

    path: str
    type: str
    steps: tuple[Step, ...]
    codes: frozenset[str] | None = None

    def is_taken(self, resource: JsonObject) -> bool:
        """Return True where the resource has a value here and there can be no other."""
        node: Any = resource
        for step in self.steps:
            if step.is_list or step.name not in node:
                return False
            node = node[step.name]
        return True

    def put(self, resource: JsonObject, value: Any) -> bool:  # noqa: ANN401 - any FHIR value
        """Write `value` and return True; return False where another value is already there.

        A value in a list is one more entry, and a list on the way gets a new entry for each value.
        """
        node = resource
        for step in self.steps[:-1]:
            node = _entered(node, step)
        last = self.steps[-1]
        if last.is_list:
            values = node.setdefault(last.name, [])
            if value not in values:
                values.append(value)
            return True
        return bool(node.setdefault(last.name, value) == value)


def _entered(node: JsonObject, step: Step) -> JsonObject:
    inner: JsonObject
    if step.is_list:
        inner = {}
        node.setdefault(step.name, []).append(inner)
    else:
        inner = node.setdefault(step.name, {})
    return inner


def compile_target(definitions: Definitions, path: str) -> Target:
    """Return the target of a path such as `Medication.code.text`; raise `NoSuchElement`."""
    resource_type, *names = path.split(".")
    if resource_type not in definitions.resource_types:
        raise NoSuchElement(f"{resource_type} is no resource type of R4")
    if not names:
        raise NoSuchElement(f"{path} names a resource type and no element")
    holder, element = resource_type, None
    steps: list[Step] = []
    for name in names:
        element = _element(definitions, holder, name)
        steps.append(Step(name, element.is_list))
        holder = element.type
    return Target(path, holder, tuple(steps), _codes(definitions, element))


def _element(definitions: Definitions, holder: str, name: str) -> Element:
    known = definitions.types[holder].elements
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise NoSuchElement(f"{holder} has no element {name} in R4{hint}")
    return known[name]


def _codes(definitions: Definitions, element: Element | None) -> frozenset[str] | None:
    if element is None or element.binding is None or element.binding.strength != "required":
        return None
    by_system = definitions.codes(element.binding.value_set)
    return None if by_system is None else frozenset().union(*by_system.values())
