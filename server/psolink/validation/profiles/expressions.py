"""The FHIRPath of profiles, each compiled once."""

from collections.abc import Callable
from dataclasses import dataclass

from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.fhirpath import (
    Collection,
    Compiler,
    Environment,
    Expression,
    FhirPathError,
    Node,
    element_node,
)
from psolink.fhirpath.expression import scope_of
from psolink.fhirpath.scope import MAX_STEPS
from psolink.outcome import Severity
from psolink.validation.constraint import mended

Inputs = Callable[[str], frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """An invariant of a profile. Without any of `inputs` it holds; None: it is always judged.

    `expression` is None where the text is no FHIRPath, and `fault` says why.
    """

    key: str
    severity: Severity
    human: str
    expression: Expression | None
    inputs: frozenset[str] | None = None
    fault: str = ""


@dataclass(slots=True)
class Budget:
    """The steps that are left to all invariants and slices of a profile on one resource."""

    steps: int = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Take `steps` from the budget; raise `FhirPathError` where it has no more."""
        self.steps -= steps
        if self.steps < 0:
            self.steps = 0
            raise FhirPathError("the profile takes too many steps on this resource")


class Expressions:
    """Compiles expressions and keeps them; their number is bounded by the profiles' own."""

    def __init__(self, definitions: Definitions, environment: Environment) -> None:
        self._compiler = Compiler(definitions)
        self._environment = environment
        self._known: dict[str, Expression] = {}
        self._of_r4 = _keys_of_r4(definitions)

    def compile(self, text: str) -> Expression:
        """Return the compiled expression, or raise `FhirPathError`."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._compiler.compile(mended(text))
        return found

    def rule(self, constraint: JsonObject, inputs: Inputs) -> Rule | None:
        """Return an invariant; None where it is no FHIRPath, or R4's own and judged before."""
        key, text = str(constraint.get("key")), constraint.get("expression")
        if not isinstance(text, str) or key in self._of_r4:
            return None
        severity = Severity(constraint["severity"])
        human = str(constraint.get("human", "The rule does not hold."))
        try:
            expression = self.compile(text)
            read = inputs(text)
            return Rule(key, severity, human, expression, read if _holds(expression) else None)
        except FhirPathError as error:
            return Rule(key, severity, human, None, None, str(error))

    def holds(self, rule: Rule, node: Node, resource: Node, budget: Budget) -> bool:
        """Tell whether an invariant is true of a value, or raise `FhirPathError`."""
        if rule.expression is None:
            raise FhirPathError(rule.fault)
        found = self.found(rule.expression, node, resource, budget)
        return bool(found) and found[0].value is not False

    def found(
        self, expression: Expression, node: Node, resource: Node, budget: Budget
    ) -> Collection:
        """Return what an expression finds at a value, or raise `FhirPathError`."""
        scope = scope_of(
            expression.model,
            node,
            resource=resource,
            max_steps=budget.steps,
            environment=self._environment,
        )
        try:
            return expression.evaluate(scope)
        finally:
            budget.steps = max(scope.run.steps, 0)


def _holds(expression: Expression) -> bool:
    """Tell whether an expression is true of nothing, so that it need not be judged there."""
    nothing = element_node("Element", {})
    try:
        found = expression(nothing, resource=nothing)
    except FhirPathError:
        return False
    return bool(found) and found[0].value is not False


def _keys_of_r4(definitions: Definitions) -> frozenset[str]:
    keys: set[str] = set()
    for definition in definitions.types.values():
        keys.update(each.key for each in definitions.invariants(definition.name))
        for element in definition.elements.values():
            keys.update(each.key for each in element.invariants)
    return frozenset(keys)
