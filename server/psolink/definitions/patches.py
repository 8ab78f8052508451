"""What has to be mended in the R4 definitions, as data.

Each entry is a fault of the published 4.0.1 package that a strict reader falls over.
"""

import re

ELEMENT_TYPES = {"Resource.id": "id"}
"""Types by base path. The snapshots give `string`; the text of the specification says `id`."""

SYSTEM_TYPES = {"positiveInt": "Integer", "unsignedInt": "Integer"}
"""FHIRPath types of primitives. The snapshots give System.String for these two."""

EXPRESSION_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = (
    # `as` takes one item; these expressions meet lists. `ofType` says what they mean.
    (re.compile(r"\(([\w.]+) as (\w+)\)"), r"\1.ofType(\2)"),
    (re.compile(r"([\w.]+) as (\w+)"), r"\1.ofType(\2)"),
    (re.compile(r"\bas\((\w+)\)"), r"ofType(\1)"),
    # There is no FHIR type DateTime, and the System type of that name is not in any resource.
    (re.compile(r"\.ofType\(DateTime\)"), ".ofType(dateTime)"),
)

_EXAMPLE_CODE_SYSTEMS = ("example", "example-supplement", "summary")
_EXAMPLE_VALUE_SETS = (
    "example-expansion",
    "example-extensional",
    "example-filter",
    "example-hierarchical",
    "example-intensional",
    "inactive",
    "yesnodontknow",
)
_EXAMPLE_CONCEPT_MAPS = ("101", "102", "103", "example2")

NOT_OF_R4 = frozenset(
    {
        "http://hl7.org/fhir/CompartmentDefinition/example",
        "http://h7.org/fhir/OperationDefinition/example",  # spelt so in the package
        "http://hl7.org/fhir/SearchParameter/example",
        "http://hl7.org/fhir/SearchParameter/example-extension",
        "http://hl7.org/fhir/SearchParameter/example-reference",
    }
)
"""Examples that lie in the package among the definitions; two of them shadow real parameters."""

NOT_OF_R4_TERMINOLOGY = frozenset(
    {
        *(f"http://hl7.org/fhir/CodeSystem/{name}" for name in _EXAMPLE_CODE_SYSTEMS),
        *(f"http://hl7.org/fhir/ValueSet/{name}" for name in _EXAMPLE_VALUE_SETS),
        *(f"http://hl7.org/fhir/ConceptMap/{name}" for name in _EXAMPLE_CONCEPT_MAPS),
    }
)
"""The same among code systems, value sets and concept maps."""


def mend_expression(expression: str) -> str:
    """Return the expression with what R4 gets wrong put right."""
    for pattern, replacement in EXPRESSION_REWRITES:
        expression = pattern.sub(replacement, expression)
    return expression
