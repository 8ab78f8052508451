"""Evaluate cases of FHIRPath: a resource, an expression, and where and with what to begin."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from psolink.commands.shipped_answers import ShippedAnswers
from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.fhirpath import (
    Collection,
    Compiler,
    Environment,
    FhirPathError,
    Node,
    element_node,
    resource_node,
)
from psolink.fhirpath.nodes import NONE, Amount, boolean, decimal, integer, string
from psolink.fhirpath.scope import MAX_STEPS, Run, Scope

_NO_RESOURCE = Node(None, "System.Any", {})


class Evaluator:
    """Evaluates expressions, all of them at the same moment."""

    def __init__(self, definitions: Definitions, now: datetime) -> None:
        self._compiler = Compiler(definitions)
        shipped = ShippedAnswers(definitions)
        self._environment = Environment(now=now, value_sets=shipped, profiles=shipped)

    def evaluate(
        self,
        expression: str,
        resource: JsonObject | None,
        context: str | None = None,
        variables: JsonObject | None = None,
    ) -> list[JsonObject]:
        """Return what an expression finds, from each item of the context where that is given."""
        values = {name.removeprefix("%"): _items(each) for name, each in (variables or {}).items()}
        compiled = self._compiler.compile(expression, variables=values)
        root = _NO_RESOURCE if resource is None else resource_node(resource)
        environment = replace(self._environment, variables=values)
        run = Run(compiled.model, root, root, MAX_STEPS, environment)
        start: Collection = NONE if resource is None else (root,)
        if context is None:
            return self._shown(compiled.evaluate(Scope(run, start)))
        found = self._compiler.compile(context, variables=values).evaluate(Scope(run, start))
        return [
            shown
            for item in found
            for shown in self._shown(compiled.evaluate(Scope(replace(run, context=item), (item,))))
        ]

    def _shown(self, nodes: Collection) -> list[JsonObject]:
        type_name = self._compiler.model.type_name
        return [
            {"type": ".".join(type_name(each.type)), "value": _value(each)}
            for each in nodes
            if each is not _NO_RESOURCE
        ]


def read_case(line: bytes) -> JsonObject | None:
    """Return the case on a line, None where there is none."""
    try:
        case = json.loads(line, parse_float=Decimal, parse_constant=_no_constant)
        json.dumps(case, ensure_ascii=False, default=str).encode()  # half a surrogate is no text
    except (ValueError, RecursionError):
        return None
    return case if isinstance(case, dict) else None


def _no_constant(name: str) -> object:
    raise ValueError(name)


def answer_case(evaluator: Evaluator, case: JsonObject) -> JsonObject:
    """Return the result of a case, or what is wrong with it."""
    answer: JsonObject = {"id": case.get("id")}
    fault = next(_faults(case), None)
    if fault is not None:
        return answer | {"error": fault}
    asked = (case["expression"], case.get("resource"), case.get("context"), case.get("environment"))
    try:
        return answer | {"result": evaluator.evaluate(*asked)}
    except FhirPathError as error:
        return answer | {"error": str(error)}


def _faults(case: JsonObject) -> Iterator[str]:
    if not isinstance(case.get("expression"), str):
        yield "the case has no expression: expected a string"
    if not isinstance(case.get("context"), str | None):
        yield "the context is not an expression: expected a string"
    if not isinstance(case.get("environment"), dict | None):
        yield "the environment is not an object of names and values"
    resource = case.get("resource")
    is_resource = isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)
    if resource is not None and not is_resource:
        yield "the resource is not an object with a resourceType"


_SYSTEM: tuple[tuple[type, Callable[..., Collection]], ...] = (
    (bool, lambda value: boolean(value=value)),
    (int, integer),
    (Decimal, decimal),
    (str, string),
)


def _items(value: object) -> Collection:
    """Return the items that a JSON value of the environment is.

    An object is a resource, or as in the results a `type` with its `value`.
    """
    if value is None:
        return NONE
    if isinstance(value, list):
        return [item for each in value for item in _items(each)]
    if isinstance(value, dict):
        if isinstance(value.get("resourceType"), str):
            return (resource_node(value),)
        if isinstance(value.get("type"), str) and "value" in value:
            return (element_node(value["type"].removeprefix("FHIR."), value["value"]),)
        raise FhirPathError("an object in the environment is a resource, or has a type and a value")
    make = next(make for kind, make in _SYSTEM if isinstance(value, kind))
    return make(value)


def _value(node: Node) -> object:
    if isinstance(node.value, Amount):
        return {"value": node.value.value, "unit": node.value.unit}
    return node.value
