"""Bind the call of a function to what computes it."""

import re
from collections.abc import Callable
from difflib import get_close_matches

from psolink.fhirpath import syntax
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions import FUNCTIONS
from psolink.fhirpath.functions.function import Function, Takes
from psolink.fhirpath.model import Model
from psolink.fhirpath.scope import Evaluator, Step

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
    first = call.arguments[0]
    # Literal patterns only: one out of a resource could be made to run for hours.
    if not isinstance(first, syntax.Literal) or not isinstance(first.value, str):
        raise FhirPathError(f"{call.name}() takes its pattern as a literal string", call.at)
    try:
        pattern = re.compile(first.value, re.DOTALL)
    except re.error as error:
        raise FhirPathError(f"the pattern of {call.name}() is wrong: {error}", call.at) from None
    apply = function.apply
    rest = tuple(map(compile_tree, call.arguments[1:]))
    return lambda scope, nodes: apply(scope.run, nodes, pattern, *[each(scope) for each in rest])


def type_argument(call: syntax.Call) -> str:
    """Return the name of the type that is the argument."""
    match call.arguments[0]:
        case syntax.Name(name):
            return name
        case syntax.Path(syntax.Name(namespace), (syntax.Name(name),)):
            return f"{namespace}.{name}"
        case _:
            raise FhirPathError(f"{call.name}() takes the name of a type", call.at)
