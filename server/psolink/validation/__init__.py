"""Judge resources by the base rules of FHIR R4."""

from psolink.validation.validator import Validator

__all__ = ["Validator"]
