"""Compile expressions and evaluate them.

http://hl7.org/fhirpath/N1/ and http://hl7.org/fhir/R4/fhirpath.html
"""

from dataclasses import dataclass

from psolink.definitions.model import Definitions
from psolink.fhirpath import syntax
from psolink.fhirpath.compiler import TreeCompiler, prune
from psolink.fhirpath.model import Model
from psolink.fhirpath.nodes import Collection, Node
from psolink.fhirpath.parser import parse
from psolink.fhirpath.scope import MAX_STEPS, Evaluator, Run, Scope


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; calling it with a node gives the items it finds there."""

    text: str
    model: Model
    evaluate: Evaluator

    def __call__(
        self, focus: Node, *, resource: Node | None = None, max_steps: int = MAX_STEPS
    ) -> Collection:
        """Return the items found from `focus`, which lies in `resource` or is it."""
        run = Run(self.model, resource or focus, focus, max_steps)
        return self.evaluate(Scope(run, (focus,)))


class Compiler:
    """Compiles any number of expressions over the same definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._model = Model(definitions)
        self._trees = TreeCompiler(self._model)

    def compile(self, text: str, *, root: str | None = None) -> Expression:
        """Return the compiled expression; raise `FhirPathError` where that cannot be.

        With `root`, the type of the resources that it is meant for, what can find nothing in
        them is left out.
        """
        tree = parse(text)
        evaluate = self._trees.compile(tree)
        if root is not None:
            kept = prune(tree, root, self._model) or syntax.Empty(0)
            evaluate = self._trees.compile(kept)
        return Expression(text, self._model, evaluate)


def compile_expression(text: str, definitions: Definitions) -> Expression:
    """Return one compiled expression; for many, share a `Compiler`."""
    return Compiler(definitions).compile(text)
