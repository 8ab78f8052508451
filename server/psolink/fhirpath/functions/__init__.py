"""The functions of FHIRPath, one module for each section of the specification."""

from collections.abc import Mapping
from types import MappingProxyType

from psolink.fhirpath.functions import (
    aggregates,
    combining,
    conversion,
    existence,
    fhir,
    filtering,
    navigation,
    strings,
    subsetting,
    types,
    utility,
)
from psolink.fhirpath.functions.function import Function

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        **existence.FUNCTIONS,
        **filtering.FUNCTIONS,
        **subsetting.FUNCTIONS,
        **combining.FUNCTIONS,
        **conversion.FUNCTIONS,
        **strings.FUNCTIONS,
        **navigation.FUNCTIONS,
        **utility.FUNCTIONS,
        **types.FUNCTIONS,
        **aggregates.FUNCTIONS,
        **fhir.FUNCTIONS,
    }
)
