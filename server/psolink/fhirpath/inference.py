"""What types an expression can find, as far as that is known before it is evaluated.

A path that the definitions rule out is an error here, instead of an empty result ever after.
"""

from collections.abc import Sequence

from psolink.fhirpath import syntax
from psolink.fhirpath.calls import function_of, type_argument
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import ANYTHING, ARGUMENT, INPUT, Takes
from psolink.fhirpath.model import Model

Types = frozenset[str] | None
"""None: any types. Empty: nothing is ever found."""

_BOOLEAN = frozenset({"System.Boolean"})
_NOTHING: frozenset[str] = frozenset()
_RESULTS: dict[str, Types] = {"&": frozenset({"System.String"})} | dict.fromkeys("+-*/", None)
_RESULTS |= {"div": None, "mod": None}


class Inference:
    """Infers the types of trees; `this` is always the types of `$this`."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def of(self, tree: syntax.Expression, this: Types) -> Types:
        """Return the types that `tree` can find; raise `FhirPathError` on what cannot be."""
        match tree:
            case syntax.Path():
                return self._path(tree, this)
            case syntax.Name() | syntax.Call():
                return self._start(tree, this)
            case syntax.Union():
                return _either([self.of(operand, this) for operand in tree.operands])
            case syntax.Binary() | syntax.TypeOperation() | syntax.Unary():
                return self._operation(tree, this)
            case _:
                return _of_value(tree, this)

    def prune(self, tree: syntax.Expression, this: Types) -> syntax.Expression:
        """Return the tree without those parts of a union that never find anything.

        Search parameters that many types share are unions of paths that begin with the type.
        """
        if not isinstance(tree, syntax.Union):
            return tree
        kept = tuple(each for each in tree.operands if self.of(each, this) != _NOTHING)
        if len(kept) > 1:
            return syntax.Union(kept, tree.at)
        return kept[0] if kept else syntax.Empty(tree.at)

    def _path(self, tree: syntax.Path, this: Types) -> Types:
        types = self.of(tree.start, this)
        for step in tree.steps:
            types = self._step(step, types, this)
        return types

    def _start(self, tree: syntax.Name | syntax.Call, this: Types) -> Types:
        if isinstance(tree, syntax.Name) and self._model.starts_path(tree.name):
            return self._narrowed(this, tree.name)
        return self._step(tree, this, this)

    def _step(
        self, tree: syntax.Name | syntax.Call | syntax.Indexer, types: Types, this: Types
    ) -> Types:
        match tree:
            case syntax.Name():
                return self._members(tree, types)
            case syntax.Call():
                return self._call(tree, types, this)
            case syntax.Indexer():
                self.of(tree.index, this)
                return types

    def _members(self, tree: syntax.Name, types: Types) -> Types:
        if tree.name not in self._model.element_names:
            raise FhirPathError(f"no type of R4 has an element {tree.name!r}", tree.at)
        if types is None or any(map(self._model.is_abstract, types)):
            return None
        found = frozenset().union(*(self._member(name, tree.name) for name in types))
        if types and not found:
            names = " or ".join(sorted(types))
            raise FhirPathError(f"{names} has no element {tree.name!r}", tree.at)
        return found

    def _member(self, type_name: str, name: str) -> frozenset[str]:
        if name == "value" and self._model.is_primitive(type_name):
            return frozenset({f"System.{self._model.system_type(type_name)}"})
        return frozenset(each.type for each in self._model.members(type_name).get(name, ()))

    def _call(self, tree: syntax.Call, types: Types, this: Types) -> Types:
        function = function_of(tree)
        if function.takes is Takes.TYPE:
            type_name = self._model.resolve_type(type_argument(tree), tree.at)
            return self._narrowed(types, type_name) if function.gives == ARGUMENT else _BOOLEAN
        focus = types if function.takes in (Takes.CRITERIA, Takes.ORDER) else this
        arguments = [self.of(argument, focus) for argument in tree.arguments]
        if function.gives == ARGUMENT:
            return _either(arguments[1:] or arguments)
        if function.gives == INPUT:
            return types
        return None if function.gives == ANYTHING else frozenset({function.gives})

    def _operation(
        self, tree: syntax.Binary | syntax.TypeOperation | syntax.Unary, this: Types
    ) -> Types:
        if isinstance(tree, syntax.Binary):
            self.of(tree.left, this)
            self.of(tree.right, this)
            return _RESULTS.get(tree.operator, _BOOLEAN)
        operand = self.of(tree.operand, this)
        if isinstance(tree, syntax.Unary):
            return operand
        type_name = self._model.resolve_type(tree.type, tree.at)
        return _BOOLEAN if tree.operator == "is" else self._narrowed(operand, type_name)

    def _narrowed(self, types: Types, wanted: str) -> Types:
        """Return the types that are left of `types` among the kinds of `wanted`."""
        if types is None:
            return frozenset({wanted})
        kinds = self._model.kinds
        if any(each != wanted and each in kinds(wanted) for each in types):
            return frozenset({wanted})
        return frozenset(each for each in types if wanted in kinds(each))


def _either(found: Sequence[Types]) -> Types:
    known = [types for types in found if types is not None]
    return _NOTHING.union(*known) if len(known) == len(found) else None


def _of_value(
    tree: syntax.Literal | syntax.Quantity | syntax.Empty | syntax.Special | syntax.External,
    this: Types,
) -> Types:
    match tree:
        case syntax.Literal():
            return frozenset({f"System.{tree.type}"})
        case syntax.Quantity():
            return frozenset({"System.Quantity"})
        case syntax.Empty():
            return _NOTHING
        case syntax.Special("$this"):
            return this
        case _:
            return None
