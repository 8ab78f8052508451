"""PSOLink: an HL7 FHIR R4 server for patient safety events."""

__version__ = "0.1.0"
