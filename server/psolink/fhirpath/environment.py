"""What an evaluation is given besides the resource: a clock, variables, and who answers for it.

http://hl7.org/fhirpath/N1/#environment-variables
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from psolink.fhir_json import JsonObject
from psolink.fhirpath.nodes import Collection, Node


class Resolver(Protocol):
    """Finds what references point at."""

    def resolve(self, reference: str) -> JsonObject | None:
        """Return the resource that a literal reference means, None where there is none."""
        ...


class ValueSets(Protocol):
    """Knows the codes of value sets."""

    def has_code(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Return whether a code is in a value set; None where that is not known.

        Without a system the code alone decides, as for the data type `code`.
        """
        ...


class Profiles(Protocol):
    """Knows what conforms to a profile."""

    def conforms(self, node: Node, profile: str) -> bool | None:
        """Return whether an item conforms to a profile; None where the profile is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything from outside. What is not given and yet asked for is an error, not an answer.

    `now` is the one moment of `now()`, `today()` and `timeOfDay()` in an evaluation.
    """

    now: datetime | None = None
    variables: Mapping[str, Collection] = field(default_factory=dict)
    resolver: Resolver | None = None
    value_sets: ValueSets | None = None
    profiles: Profiles | None = None


NOTHING = Environment()
