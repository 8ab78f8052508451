"""Common Formats to FHIR: a QuestionnaireResponse becomes an AdverseEvent and its companions.

What goes where is data in mappings/; how it is changed is a named function in `functions`.
"""

from psolink.mapping.answers import Kept, Mapped
from psolink.mapping.broken import MappingBroken
from psolink.mapping.extraction import Extraction, MappingContext
from psolink.mapping.mapper import Mapper

__all__ = ["Extraction", "Kept", "Mapped", "Mapper", "MappingBroken", "MappingContext"]
