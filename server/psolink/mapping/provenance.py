"""Where derived resources come from.

https://hl7.org/fhir/R4/provenance.html
"""

from collections.abc import Sequence

from psolink.fhir_json import JsonObject
from psolink.mapping.extraction import MappingContext
from psolink.mapping.systems import (
    DATA_OPERATION,
    LIFECYCLE_EVENT,
    ORGANIZATION,
    PARTICIPANT_TYPE,
)


def provenance_of(targets: Sequence[str], context: MappingContext) -> JsonObject:
    """Return the Provenance that links the derived resources to the QuestionnaireResponse."""
    return {
        "resourceType": "Provenance",
        "target": [{"reference": url} for url in targets],
        "recorded": context.recorded,
        "activity": {
            "coding": [
                {"system": DATA_OPERATION, "code": "CREATE", "display": "create"},
                {
                    "system": LIFECYCLE_EVENT,
                    "code": "transform",
                    "display": "Transform/Translate Record Lifecycle Event",
                },
            ]
        },
        "agent": [
            {
                "type": {
                    "coding": [{"system": PARTICIPANT_TYPE, "code": "author", "display": "Author"}]
                },
                "who": {
                    "type": "Organization",
                    "identifier": {"system": ORGANIZATION, "value": context.organization},
                },
            }
        ],
        "entity": [{"role": "source", "what": {"reference": context.response_reference}}],
    }
