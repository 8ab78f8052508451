"""The functions of FHIRPath, one module for each section of the specification."""

from collections.abc import Mapping
from types import MappingProxyType

from psolink.fhirpath.functions import (
    aggregates,
    boundaries,
    clock,
    combining,
    conversion,
    dates,
    existence,
    fhir,
    filtering,
    maths,
    navigation,
    ordering,
    strings,
    subsetting,
    texts,
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
        **dates.FUNCTIONS,
        **strings.FUNCTIONS,
        **texts.FUNCTIONS,
        **maths.FUNCTIONS,
        **boundaries.FUNCTIONS,
        **clock.FUNCTIONS,
        **ordering.FUNCTIONS,
        **navigation.FUNCTIONS,
        **utility.FUNCTIONS,
        **types.FUNCTIONS,
        **aggregates.FUNCTIONS,
        **fhir.FUNCTIONS,
    }
)
