"""Compile expressions and evaluate them.

http://hl7.org/fhirpath/N1/ and http://hl7.org/fhir/R4/fhirpath.html
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psolink.definitions.model import Definitions
from psolink.fhirpath.compiler import TreeCompiler
from psolink.fhirpath.environment import NOTHING, Environment
from psolink.fhirpath.inference import Inference, Types
from psolink.fhirpath.model import Model
from psolink.fhirpath.nodes import Collection, Node
from psolink.fhirpath.parser import parse
from psolink.fhirpath.reads import properties_read
from psolink.fhirpath.scope import MAX_STEPS, Evaluator, Run, Scope


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; calling it with a node gives the items it finds there.

    `types` are the types that it can find, None where that is not known beforehand. `reads` are
    JSON properties of the focus: without all of them it finds nothing. None where that is not so.
    """

    text: str
    model: Model
    types: Types
    reads: frozenset[str] | None
    evaluate: Evaluator

    def __call__(
        self,
        focus: Node,
        *,
        resource: Node | None = None,
        max_steps: int = MAX_STEPS,
        environment: Environment = NOTHING,
    ) -> Collection:
        """Return the items found from `focus`, which lies in `resource` or is it."""
        return self.evaluate(
            scope_of(
                self.model,
                focus,
                resource=resource,
                max_steps=max_steps,
                environment=environment,
            )
        )


def scope_of(
    model: Model,
    focus: Node,
    *,
    resource: Node | None = None,
    max_steps: int = MAX_STEPS,
    environment: Environment = NOTHING,
) -> Scope:
    """Return a scope in which several expressions may be evaluated, with steps for all of them."""
    return Scope(Run(model, resource or focus, focus, max_steps, environment), (focus,))


class Compiler:
    """Compiles any number of expressions over the same definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self.model = Model(definitions)
        self._inference = Inference(self.model)

    def compile(
        self, text: str, *, root: str | None = None, variables: Iterable[str] = ()
    ) -> Expression:
        """Return the compiled expression; raise `FhirPathError` where that cannot be.

        With `root`, the type of the nodes that it will be called with, what can find nothing in
        them is left out. `variables` are the names that the environment will have besides those
        of the specification.
        """
        tree = parse(text)
        this = None if root is None else frozenset((root,))
        types = self._inference.of(tree, this)
        reads = None
        if root is not None:
            tree = self._inference.prune(tree, this)
            reads = properties_read(tree, root, self.model)
        compiled = TreeCompiler(self.model, frozenset(variables)).compile(tree)
        return Expression(text, self.model, types, reads, compiled)


def compile_expression(text: str, definitions: Definitions) -> Expression:
    """Return one compiled expression; for many, share a `Compiler`."""
    return Compiler(definitions).compile(text)
