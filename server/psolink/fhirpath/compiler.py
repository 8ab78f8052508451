"""Turn a syntax tree into closures that evaluate it.

Whatever the engine does not have is found here, once, and never while a resource is looked at.
"""

from dataclasses import replace

from psolink.fhirpath import syntax
from psolink.fhirpath.calls import bind
from psolink.fhirpath.equals_text import equals_text, filtered_member
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.external import external
from psolink.fhirpath.functions.combining import union
from psolink.fhirpath.functions.types import as_type, is_type
from psolink.fhirpath.model import Model
from psolink.fhirpath.navigation import follow_value, follower
from psolink.fhirpath.nodes import (
    NONE,
    Amount,
    Collection,
    Node,
    boolean,
    integer,
    quantity,
    system_node,
)
from psolink.fhirpath.operators import OPERATORS, Logic, conjunction, disjunction, implication
from psolink.fhirpath.scope import Evaluator, Scope, Step
from psolink.fhirpath.values import is_number, plain, single, single_integer, truth

_LOGIC: dict[str, tuple[Logic, bool | None]] = {
    # The second is the left side that settles the matter without the right one.
    "and": (conjunction, False),
    "or": (disjunction, True),
    "implies": (implication, False),
}


class TreeCompiler:
    """Compiles the trees of one expression; recursion goes as deep as the expression nests."""

    def __init__(self, model: Model, variables: frozenset[str] = frozenset()) -> None:
        self._model = model
        self._variables = variables

    def compile(self, tree: syntax.Expression) -> Evaluator:
        """Return what evaluates `tree` in a scope."""
        match tree:
            case syntax.Path():
                return self._path(tree)
            case syntax.Name() | syntax.Call():
                return self._start(tree)
            case syntax.Union():
                return self._union(tree)
            case syntax.Binary() | syntax.TypeOperation() | syntax.Unary():
                return _placed(self._operation(tree), tree.at)
            case _:
                return self._value(tree)

    def _value(
        self,
        tree: syntax.Literal | syntax.Quantity | syntax.Empty | syntax.Special | syntax.External,
    ) -> Evaluator:
        match tree:
            case syntax.Literal():
                return _constant((system_node(tree.value, tree.type),))
            case syntax.Quantity():
                return _constant(quantity(Amount(tree.value, tree.unit, tree.is_calendar)))
            case syntax.Empty():
                return _constant(NONE)
            case syntax.Special():
                return _special(tree.name)
            case syntax.External():
                return external(tree, self._variables)

    def _operation(self, tree: syntax.Binary | syntax.TypeOperation | syntax.Unary) -> Evaluator:
        match tree:
            case syntax.Binary():
                return self._binary(tree)
            case syntax.TypeOperation():
                return self._type_operation(tree)
            case syntax.Unary():
                return self._unary(tree)

    def _path(self, tree: syntax.Path) -> Evaluator:
        start, steps = self._steps(tree)

        def evaluate(scope: Scope) -> Collection:
            nodes = start(scope)
            for step in steps:
                nodes = step(scope, nodes)
            return nodes

        return evaluate

    def _steps(self, tree: syntax.Path) -> tuple[Evaluator, list[Step]]:
        """Return where a path starts and its steps, an element and its filter being one step."""
        start, rest = tree.start, tree.steps
        is_member = isinstance(start, syntax.Name) and not self._model.starts_path(start.name)
        names = [start, *rest] if is_member else list(rest)
        begin = (lambda scope: scope.this) if is_member else self.compile(start)
        steps: list[Step] = []
        before: syntax.Name | syntax.Call | syntax.Indexer | None = None
        for each in names:
            if not isinstance(each, syntax.Name | syntax.Call | syntax.Indexer):
                raise TypeError("a path goes on with names, calls and indexers")
            step = self._step(each)
            if isinstance(before, syntax.Name):
                step = self._joined(before, each, steps, step)
            steps.append(step)
            before = each
        return begin, steps

    def _joined(
        self,
        name: syntax.Name,
        call: syntax.Name | syntax.Call | syntax.Indexer,
        steps: list[Step],
        step: Step,
    ) -> Step:
        """Return the last of `steps` and `step` as one where they can be, and take the last off."""
        last = steps[-1]
        joined = filtered_member(
            name.name, call, self._model, lambda scope, nodes: step(scope, last(scope, nodes))
        )
        if joined is None:
            return step
        steps.pop()
        return joined

    def _start(self, tree: syntax.Name | syntax.Call) -> Evaluator:
        begins = isinstance(tree, syntax.Name) and self._model.starts_path(tree.name)
        step = self._of_kind(tree.name) if begins else self._step(tree)
        return lambda scope: step(scope, scope.this)

    def _of_kind(self, type_name: str) -> Step:
        kinds = self._model.kinds

        def step(_scope: Scope, nodes: Collection) -> Collection:
            return [node for node in nodes if type_name in kinds(node.type)]

        return step

    def _step(self, tree: syntax.Name | syntax.Call | syntax.Indexer) -> Step:
        match tree:
            case syntax.Name():
                return self._member(tree)
            case syntax.Call():
                return _placed_step(bind(tree, self._model, self.compile), tree.at)
            case syntax.Indexer():
                return _placed_step(self._indexer(tree), tree.at)

    def _member(self, tree: syntax.Name) -> Step:
        model, name = self._model, tree.name
        follow = follow_value(model) if name == "value" else follower(model, name)

        def step(scope: Scope, nodes: Collection) -> Collection:
            found = follow(nodes)
            scope.run.spend(1 + len(found))
            return found

        return step

    def _indexer(self, tree: syntax.Indexer) -> Step:
        index = self.compile(tree.index)

        def step(scope: Scope, nodes: Collection) -> Collection:
            at = single_integer(index(scope), "[]")
            return NONE if at is None or at < 0 else nodes[at : at + 1]

        return step

    def _union(self, tree: syntax.Union) -> Evaluator:
        operands = tuple(self.compile(operand) for operand in tree.operands)
        return lambda scope: union(scope.run, NONE, *[operand(scope) for operand in operands])

    def _binary(self, tree: syntax.Binary) -> Evaluator:
        left, right = self.compile(tree.left), self.compile(tree.right)
        if tree.operator in _LOGIC:
            return _logical(tree.operator, left, right)
        apply = OPERATORS[tree.operator]
        return equals_text(
            tree,
            self._model,
            left,
            otherwise=lambda scope: apply(scope.run, left(scope), right(scope)),
        )

    def _type_operation(self, tree: syntax.TypeOperation) -> Evaluator:
        operand = self.compile(tree.operand)
        type_name = self._model.resolve_type(tree.type, tree.at)
        apply = is_type if tree.operator == "is" else as_type
        return lambda scope: apply(scope.run, operand(scope), type_name)

    def _unary(self, tree: syntax.Unary) -> Evaluator:
        operand = self.compile(tree.operand)
        sign = tree.operator

        def evaluate(scope: Scope) -> Collection:
            node = single(operand(scope), sign)
            if node is None:
                return NONE
            return (_signed(node, sign, scope),)

        return evaluate


def _placed(evaluate: Evaluator, at: int) -> Evaluator:
    """Return the evaluator; what goes wrong in it says where it is in the expression."""

    def placed(scope: Scope) -> Collection:
        try:
            return evaluate(scope)
        except FhirPathError as error:
            raise error.placed(at) from None

    return placed


def _placed_step(step: Step, at: int) -> Step:
    def placed(scope: Scope, nodes: Collection) -> Collection:
        try:
            return step(scope, nodes)
        except FhirPathError as error:
            raise error.placed(at) from None

    return placed


def _constant(nodes: Collection) -> Evaluator:
    return lambda _scope: nodes


def _special(name: str) -> Evaluator:
    if name == "$this":
        return lambda scope: scope.this
    if name == "$total":
        return lambda scope: scope.total
    return lambda scope: NONE if scope.index is None else integer(scope.index)


def _logical(operator: str, left: Evaluator, right: Evaluator) -> Evaluator:
    combine, settled = _LOGIC[operator]

    def evaluate(scope: Scope) -> Collection:
        ours = truth(left(scope), operator)
        theirs = None if ours is settled else truth(right(scope), operator)
        return boolean(value=combine(ours, theirs))

    return evaluate


def _signed(node: Node, sign: str, scope: Scope) -> Node:
    value = plain(node, scope.run.model)
    if isinstance(value, Amount):
        signed = replace(value, value=-value.value) if sign == "-" else value
        return system_node(signed, "Quantity")
    if not is_number(value):
        raise FhirPathError(f"the sign {sign} is only for numbers and quantities")
    name = "Integer" if isinstance(value, int) else "Decimal"
    return system_node(-value if sign == "-" else value, name)
