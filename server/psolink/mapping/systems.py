"""The code systems that the mapping reads and writes.

For answers and elements of the Common Formats no official URL is established: those two are ours.
"""

from collections.abc import Mapping
from types import MappingProxyType

from psolink.fhir_json import CANONICAL

ANSWER = f"{CANONICAL}/CodeSystem/common-formats-answer"
ELEMENT = f"{CANONICAL}/CodeSystem/common-formats-element"
ORGANIZATION = f"{CANONICAL}/sid/organization"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
LIFECYCLE_EVENT = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
PARTICIPANT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

BY_NAME: Mapping[str, str] = MappingProxyType(
    {
        "NullFlavor": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
        "AdministrativeGender": "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender",
        "RxNorm": RXNORM,
    }
)
"""The names that dictionary files use for systems of others."""
