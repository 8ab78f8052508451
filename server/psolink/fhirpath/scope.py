"""What an evaluation carries along, and how far it may go."""

from collections.abc import Callable
from dataclasses import dataclass

from psolink.fhirpath.environment import NOTHING, Environment
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.model import Model
from psolink.fhirpath.nodes import NONE, Collection, Node

MAX_STEPS = 1_000_000


@dataclass(slots=True)
class Run:
    """One evaluation: what all its scopes share, and the steps that are left to it."""

    model: Model
    resource: Node
    context: Node
    steps: int
    environment: Environment = NOTHING

    def spend(self, steps: int) -> None:
        """Take `steps` from the budget; an expression that asks for too much ends here."""
        self.steps -= steps
        if self.steps < 0:
            raise FhirPathError("the expression takes too many steps on this input")


@dataclass(slots=True)
class Scope:
    """Where an expression is evaluated: `$this`, `$index` and `$total`.

    Not frozen for the same reason as nodes: `where` makes one for each item.
    """

    run: Run
    this: Collection
    index: int | None = None
    total: Collection = NONE

    def of(self, node: Node, index: int) -> "Scope":
        """Return the scope of one item of a collection."""
        return Scope(self.run, (node,), index, self.total)


Evaluator = Callable[[Scope], Collection]
Step = Callable[[Scope, Collection], Collection]
