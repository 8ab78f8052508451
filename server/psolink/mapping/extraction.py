"""What goes into the mapping beside the report, and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Kept, Mapped
from psolink.outcome import Issue, operation_outcome


@dataclass(frozen=True, slots=True)
class MappingContext:
    """What the mapping needs to know and cannot find in the report.

    `organization` is the id of the sender, and `event_identifier_system` the system of the event
    ids that it assigns. `recorded` is the instant of the mapping. `response_reference` is how the
    derived resources refer to the QuestionnaireResponse. `new_urn` returns a new `urn:uuid:` each
    time. Without `time_zone`, the zone of the sender's clocks, times of day are not mapped.
    """

    organization: str
    event_identifier_system: str
    new_urn: Callable[[], str]
    recorded: str
    response_reference: str
    time_zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """The derived resources by full URL, and the account of every answer.

    The AdverseEvent is first and the Provenance last; there is none where an issue is an error.
    Each answer is either in `mapped` or in `unmapped`, in the order of the report.
    """

    resources: tuple[tuple[str, JsonObject], ...]
    issues: list[Issue]
    mapped: tuple[Mapped, ...]
    unmapped: tuple[Kept, ...]
    outcome_url: str

    def bundle(self) -> JsonObject:
        """Return the resources and, last, the outcome as a Bundle of type `collection`."""
        entries = (*self.resources, (self.outcome_url, operation_outcome(self.issues)))
        return {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
        }
