"""Values from outside the expression, such as `%resource`.

http://hl7.org/fhirpath/N1/#environment-variables
"""

from psolink.fhirpath import syntax
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.nodes import Collection, Node, string
from psolink.fhirpath.scope import Evaluator, Scope

_CONSTANTS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}
_PREFIXES = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
}


def external(tree: syntax.External, variables: frozenset[str]) -> Evaluator:
    """Return what gives the value; `variables` are the names that the environment will have."""
    name = tree.name
    if name in variables:
        return lambda scope: _variable(scope, name)
    if name == "resource":
        return lambda scope: (scope.run.resource,)
    if name == "rootResource":
        return lambda scope: (_container(scope.run.resource),)
    if name == "context":
        return lambda scope: (scope.run.context,)
    if name in _CONSTANTS:
        return _constant(string(_CONSTANTS[name]))
    prefix = next((each for each in _PREFIXES if name.startswith(each)), None)
    if prefix is None:
        raise FhirPathError(f"there is no value %{name}", tree.at)
    return _constant(string(_PREFIXES[prefix] + name.removeprefix(prefix)))


def _variable(scope: Scope, name: str) -> Collection:
    found = scope.run.environment.variables.get(name)
    if found is None:
        raise FhirPathError(f"%{name} was declared, but the evaluation was given no value for it")
    return found


def _container(resource: Node) -> Node:
    """Return the resource that contains another one, which itself is in none."""
    is_contained = resource.name == "contained" and resource.parent is not None
    return resource.parent if is_contained and resource.parent is not None else resource


def _constant(nodes: Collection) -> Evaluator:
    return lambda _scope: nodes
