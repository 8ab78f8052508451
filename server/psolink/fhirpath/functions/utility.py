"""http://hl7.org/fhirpath/N1/#utility-functions."""

from collections.abc import Mapping

from psolink.fhirpath.functions.function import INPUT, Function, criteria
from psolink.fhirpath.nodes import Collection
from psolink.fhirpath.scope import Evaluator, Scope


def _trace(_scope: Scope, nodes: Collection, *_what: Evaluator) -> Collection:
    # The log carries no content of resources, so there is nothing to do but pass the items on.
    return nodes


FUNCTIONS: Mapping[str, Function] = {"trace": criteria(INPUT, _trace, 1, 2)}
