"""What `memberOf()` and `conformsTo()` are answered on the command line: by what ships.

https://hl7.org/fhir/R4/fhirpath.html#functions
"""

from functools import cached_property

from psolink.definitions import Definitions
from psolink.fhirpath import Node
from psolink.terminology import Terminology
from psolink.validation import Validator
from psolink.validation.profiles import HeldMembership, Profiles, shipped_profiles
from psolink.validation.special_codes import GRAMMARS


class ShippedAnswers:
    """Answers by the terminology and the profiles that ship, read at the first question."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def has_code(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Tell whether a code is in a value set; None where that is not known."""
        return self._membership.has(value_set, system, code)

    def conforms(self, node: Node, profile: str) -> bool | None:
        """Tell whether an item keeps a profile, and R4 itself; None where that is not known."""
        keeps = self._profiles.conforms(node, profile)
        if not keeps or node.type not in self._definitions.resource_types:
            return keeps
        return not any(issue.is_error for issue in self._validator.validate(node.value))

    @cached_property
    def _validator(self) -> Validator:
        return Validator(self._definitions)

    @cached_property
    def _terminology(self) -> Terminology:
        return Terminology.load(rules=GRAMMARS)

    @cached_property
    def _membership(self) -> HeldMembership:
        return HeldMembership(self._terminology)

    @cached_property
    def _profiles(self) -> Profiles:
        return shipped_profiles(self._definitions, self._terminology)
