"""What an operation was called on.

https://hl7.org/fhir/R4/operations.html#executing
"""

from dataclasses import dataclass, field

from psolink.fhir_json import JsonObject


def no_parameters() -> JsonObject:
    """Return Parameters that say nothing."""
    return {"resourceType": "Parameters"}


@dataclass(frozen=True, slots=True)
class Called:
    """The type and id in the URL, None at the levels above, and the Parameters in its query.

    The query is empty where its parameters are in the body already. `is_safe` says that the
    operation was called by GET, so that nothing may be stored.
    """

    resource_type: str | None = None
    resource_id: str | None = None
    query: JsonObject = field(default_factory=no_parameters)
    is_safe: bool = False
