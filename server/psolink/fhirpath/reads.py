"""Which properties of its focus an expression lives on.

A caller with many expressions and one resource passes over those that have nothing to read.
"""

from psolink.fhirpath import syntax
from psolink.fhirpath.functions import FUNCTIONS
from psolink.fhirpath.functions.function import ARGUMENT, INPUT, Takes
from psolink.fhirpath.model import Model

_OF_EXTENSIONS = "extension"


def properties_read(tree: syntax.Expression, root: str, model: Model) -> frozenset[str] | None:
    """Return JSON properties of which `root` must have one for `tree` to find anything.

    None where that cannot be said, such as for `exists()`, which answers without any.
    """
    if isinstance(tree, syntax.Union):
        found = [properties_read(operand, root, model) for operand in tree.operands]
        known = [each for each in found if each is not None]
        return frozenset[str]().union(*known) if len(known) == len(found) else None
    if not isinstance(tree, syntax.Path) or not all(map(_keeps_nothing, tree.steps)):
        return None
    if not isinstance(tree.start, syntax.Name) or not model.starts_path(tree.start.name):
        return None
    first = tree.steps[0]
    return _keys(first.name, root, model) if isinstance(first, syntax.Name) else None


def _keeps_nothing(step: syntax.Name | syntax.Call | syntax.Indexer) -> bool:
    """Tell whether a step finds nothing where there was nothing."""
    if not isinstance(step, syntax.Call):
        return True
    function = FUNCTIONS[step.name]
    is_cast = function.takes is Takes.TYPE and function.gives == ARGUMENT
    return is_cast or function.gives == INPUT or step.name == _OF_EXTENSIONS


def _keys(name: str, root: str, model: Model) -> frozenset[str]:
    members = model.members(root).get(name, ())
    siblings = {each.sibling for each in members if each.sibling is not None}
    return frozenset(each.key for each in members) | siblings
