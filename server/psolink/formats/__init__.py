"""Representations of resources: FHIR JSON and FHIR XML."""
