"""Representations of resources: FHIR JSON."""
