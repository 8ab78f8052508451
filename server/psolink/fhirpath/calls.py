"""Bind the call of a function to what computes it."""

from collections.abc import Callable
from difflib import get_close_matches

from psolink.fhirpath import syntax
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions import FUNCTIONS
from psolink.fhirpath.functions.function import Function, Takes
from psolink.fhirpath.model import Model
from psolink.fhirpath.nodes import NONE, Collection
from psolink.fhirpath.patterns import Pattern, compile_pattern
from psolink.fhirpath.scope import Evaluator, Scope, Step
from psolink.fhirpath.values import single_string

Compile = Callable[[syntax.Expression], Evaluator]


def bind(call: syntax.Call, model: Model, compile_tree: Compile) -> Step:
    """Return the step that a call is."""
    function = function_of(call)
    apply = function.apply
    if function.takes is Takes.TYPE:
        type_name = model.resolve_type(type_argument(call), call.at)
        return lambda scope, nodes: apply(scope.run, nodes, type_name)
    if function.takes is Takes.PATTERN:
        return _with_pattern(call, function, compile_tree)
    if function.takes is Takes.ORDER:
        keys = tuple(_key(each, compile_tree) for each in call.arguments)
        return lambda scope, nodes: apply(scope, nodes, *keys)
    arguments = tuple(map(compile_tree, call.arguments))
    if function.takes is Takes.CRITERIA:
        return lambda scope, nodes: apply(scope, nodes, *arguments)
    if not arguments:
        return lambda scope, nodes: apply(scope.run, nodes)
    return lambda scope, nodes: apply(scope.run, nodes, *[each(scope) for each in arguments])


def function_of(call: syntax.Call) -> Function:
    """Return the function that is called, with as many arguments as it may have."""
    function = FUNCTIONS.get(call.name)
    if function is None:
        near = get_close_matches(call.name, FUNCTIONS, n=1)
        hint = f"; did you mean {near[0]}()?" if near else ""
        raise FhirPathError(f"there is no function {call.name}() here{hint}", call.at)
    if not function.least <= len(call.arguments) <= function.most:
        wanted = " to ".join(map(str, sorted({function.least, function.most})))
        found = len(call.arguments)
        raise FhirPathError(f"{call.name}() takes {wanted} arguments, found {found}", call.at)
    return function


def _with_pattern(call: syntax.Call, function: Function, compile_tree: Compile) -> Step:
    first, *more = call.arguments
    rest = tuple(map(compile_tree, more))
    apply, name = function.apply, call.name
    if isinstance(first, syntax.Literal) and isinstance(first.value, str):
        known = _compiled(first.value, name, first.at)
        return lambda scope, nodes: apply(scope.run, nodes, known, *[each(scope) for each in rest])
    text = compile_tree(first)

    def step(scope: Scope, nodes: Collection) -> Collection:
        wanted = single_string(text(scope), name)
        if wanted is None:
            return NONE
        pattern = _compiled(wanted, name, None)
        scope.run.spend(pattern.size)
        return apply(scope.run, nodes, pattern, *[each(scope) for each in rest])

    return step


def _compiled(text: str, name: str, at: int | None) -> Pattern:
    try:
        return compile_pattern(text)
    except FhirPathError as error:
        raise FhirPathError(f"the argument of {name}() is not a pattern: {error}", at) from None


def _key(tree: syntax.Expression, compile_tree: Compile) -> tuple[str, Evaluator]:
    """Return the direction of a key of `sort`, `asc`, `desc` or a minus before it, and the key."""
    if isinstance(tree, syntax.Unary) and tree.operator != "+":
        return tree.operator, compile_tree(tree.operand)
    return "asc", compile_tree(tree)


def type_argument(call: syntax.Call) -> str:
    """Return the name of the type that is the argument."""
    match call.arguments[0]:
        case syntax.Name(name):
            return name
        case syntax.Path(syntax.Name(namespace), (syntax.Name(name),)):
            return f"{namespace}.{name}"
        case _:
            raise FhirPathError(f"{call.name}() takes the name of a type", call.at)
