"""FHIRPath: expressions compiled to closures over FHIR JSON.

http://hl7.org/fhirpath/N1/
"""

from psolink.fhirpath.environment import Environment, Profiles, Resolver, ValueSets
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.expression import Compiler, Expression, compile_expression, scope_of
from psolink.fhirpath.nodes import Collection, Node, element_node, resource_node

__all__ = [
    "Collection",
    "Compiler",
    "Environment",
    "Expression",
    "FhirPathError",
    "Node",
    "Profiles",
    "Resolver",
    "ValueSets",
    "compile_expression",
    "element_node",
    "resource_node",
    "scope_of",
]
