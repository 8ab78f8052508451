"""Invariants: the rules of R4 that are FHIRPath, on every element that they belong to.

https://hl7.org/fhir/R4/conformance-rules.html#constraints

They are judged after the structure, and only where that is sound: on a broken one they would
say nothing. What the structure itself covers is left out: ele-1, ext-1, ref-1, txt-1 and txt-2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psolink.definitions import Definitions, Element, Invariant
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Compiler, FhirPathError, Node, element_node, resource_node
from psolink.outcome import Issue, IssueCode, Severity
from psolink.validation.constraint import (
    Constraint,
    Texts,
    explained,
    inputs_of,
    mended,
    read_texts,
)
from psolink.validation.contained import are_all_referred_to, unmentioned
from psolink.validation.primitives import PRIMITIVES
from psolink.validation.scope import At, Scope, expression

_OF_STRUCTURE = frozenset({"ele-1", "ext-1", "ref-1", "txt-1", "txt-2"})
_BEST_PRACTICE = frozenset({"dom-6", "con-3"})
_CODES = IssueCode.CODE_INVALID


@dataclass(frozen=True, slots=True)
class Child:
    """The property of an object: what must hold for its values, and where that goes on.

    `plan` is None for a primitive; `companion` is the property with its extensions.
    """

    path_name: str
    type: str
    rules: tuple[Constraint, ...]
    plan: "Plan | None"
    companion: str | None = None


class Plan:
    """The invariants of a type and its properties, compiled when first needed."""

    __slots__ = ("children", "is_ready", "name", "rules")

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_ready = False
        self.rules: tuple[Constraint, ...] = ()
        self.children: Mapping[str, Child] = {}


@dataclass(frozen=True, slots=True)
class Visit:
    """One resource on its way through the rules; `sick` are the places with a broken inside."""

    resource: Node
    scope: Scope
    sick: frozenset[str]


class Invariants:
    """Judges resources by the invariants of R4."""

    def __init__(
        self, definitions: Definitions, *, best_practice: bool = False, texts: Texts | None = None
    ) -> None:
        self._definitions = definitions
        self._compiler = Compiler(definitions)
        self._omitted = _OF_STRUCTURE if best_practice else _OF_STRUCTURE | _BEST_PRACTICE
        self._texts = read_texts() if texts is None else texts
        self._plans: dict[str, Plan] = {}

    def check(self, resource: JsonObject, at: At, scope: Scope) -> None:
        """Note the invariants that do not hold; what `scope` has already tells what is broken."""
        self._resource(resource, at, scope, sick_places(scope.issues))

    def _resource(self, value: object, at: At, scope: Scope, sick: frozenset[str]) -> None:
        if not isinstance(value, dict):
            return
        name = value.get("resourceType")
        if isinstance(name, str) and name in self._definitions.resource_types:
            self._object(value, self._plan(name), at, Visit(resource_node(value), scope, sick))

    def _object(self, value: JsonObject, plan: Plan, at: At, visit: Visit) -> None:
        if not plan.is_ready:
            self._prepare(plan)
        for rule in plan.rules:
            if rule.inputs is None or not rule.inputs.isdisjoint(value):
                self._judge(rule, element_node(plan.name, value), at, visit)
        children = plan.children
        for name, item in value.items():
            child = children.get(name)
            if child is not None:
                self._child(child, item, value, at, visit)

    def _child(self, child: Child, item: object, owner: JsonObject, at: At, visit: Visit) -> None:
        if child.plan is None:
            companion = owner.get(child.companion) if child.companion else None
            node = Node(item, child.type, companion if isinstance(companion, dict) else {})
            for rule in child.rules:
                self._judge(rule, node, (at, child.path_name, None), visit)
        elif isinstance(item, list):
            for index, each in enumerate(item):
                if isinstance(each, dict):
                    self._value(child, child.plan, each, (at, child.path_name, index), visit)
        elif isinstance(item, dict):
            self._value(child, child.plan, item, (at, child.path_name, None), visit)

    def _value(self, child: Child, plan: Plan, value: JsonObject, at: At, visit: Visit) -> None:
        if child.type == "Resource":
            self._resource(value, at, visit.scope, visit.sick)
            return
        for rule in child.rules:
            self._judge(rule, element_node(child.type, value), at, visit)
        self._object(value, plan, at, visit)

    def _judge(self, rule: Constraint, node: Node, at: At, visit: Visit) -> None:
        if visit.sick and (rule.reads_resource or expression(at) in visit.sick):
            return
        try:
            holds = _holds_plainly(rule, node) or rule.holds(node, visit.resource)
        except FhirPathError as error:
            diagnostics = f"Whether {rule.key} holds here was not found out: {error}."
            visit.scope.add(IssueCode.PROCESSING, at, diagnostics, Severity.WARNING, rule.key)
            return
        if not holds:
            words = explained(rule)
            for place in _places(rule, node, at):
                visit.scope.add(IssueCode.INVARIANT, place, words, rule.severity, rule.key)

    def _plan(self, name: str) -> Plan:
        found = self._plans.get(name)
        if found is None:
            found = self._plans[name] = Plan(name)
        return found

    def _prepare(self, plan: Plan) -> None:
        definition = self._definitions.types[plan.name]
        children: dict[str, Child] = {}
        for element in definition.elements.values():
            children |= self._children(element)
        plan.rules = tuple(self._rules(self._definitions.invariants(plan.name), plan.name))
        plan.children = children
        plan.is_ready = True  # Last, for another thread may be looking on.

    def _children(self, element: Element) -> dict[str, Child]:
        path_name = element.choice_of or element.name
        rules = tuple(self._rules(element.invariants, element.type))
        if element.type not in PRIMITIVES:
            plan = self._plan(element.profile or element.type)
            return {element.name: Child(path_name, element.type, rules, plan)}
        companion = f"_{element.name}"
        found = {companion: Child(path_name, "Element", (), self._plan("Element"))}
        if rules:
            found[element.name] = Child(path_name, element.type, rules, None, companion)
        return found

    def _rules(self, invariants: Iterable[Invariant], type_name: str) -> list[Constraint]:
        return [
            Constraint(
                key=each.key,
                severity=Severity(each.severity),
                expression=self._compiler.compile(mended(each.expression)),
                inputs=self._inputs(each.expression, type_name),
                text=self._texts.get(f"{type_name}/{each.key}") or self._texts.get(each.key, ""),
            )
            for each in invariants
            if each.key not in self._omitted
        ]

    def _inputs(self, text: str, type_name: str) -> frozenset[str] | None:
        """Return the properties without which a rule holds, None where it is always judged."""
        if type_name in PRIMITIVES:
            return None
        inputs = inputs_of(text, self._definitions.types[type_name].elements.values())
        if inputs is None:
            return None
        rule = Constraint("", Severity.ERROR, self._compiler.compile(mended(text)), None, "")
        nothing = element_node(type_name, {})
        return inputs if rule.holds(nothing, nothing) else None


def _places(rule: Constraint, node: Node, at: At) -> list[At]:
    """Return where it does not hold; dom-3 speaks of all contained resources together."""
    if rule.key != "dom-3":
        return [at]
    return [(at, "contained", index) for index in unmentioned(node.value)] or [at]


def _holds_plainly(rule: Constraint, node: Node) -> bool:
    return rule.key == "dom-3" and are_all_referred_to(node.value)


def sick_places(issues: Iterable[Issue]) -> frozenset[str]:
    """Return the places whose structure is broken there or further in."""
    places: set[str] = set()
    for issue in issues:
        if issue.expression and issue.is_error and issue.code is not _CODES:
            names = issue.expression.split(".")
            places.update(".".join(names[:end]) for end in range(1, len(names) + 1))
    return frozenset(places)
