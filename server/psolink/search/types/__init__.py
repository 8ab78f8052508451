"""The search types, one module for each, named as the specification names them.

https://hl7.org/fhir/R4/search.html#ptypes
"""

from collections.abc import Mapping
from types import MappingProxyType

from psolink.fhir_json import CANONICAL
from psolink.search.search_type import SearchType
from psolink.search.types.age import AGE
from psolink.search.types.date import DATE
from psolink.search.types.designation import DESIGNATION
from psolink.search.types.document import ID, LAST_UPDATED
from psolink.search.types.number import NUMBER
from psolink.search.types.quantity import QUANTITY
from psolink.search.types.reference import REFERENCE
from psolink.search.types.special import NEAR
from psolink.search.types.string import STRING
from psolink.search.types.text import CONTENT, TEXT
from psolink.search.types.token import TOKEN
from psolink.search.types.uri import URI

SEARCH_TYPES: Mapping[str, SearchType] = MappingProxyType(
    {
        "token": TOKEN,
        "string": STRING,
        "reference": REFERENCE,
        "date": DATE,
        "uri": URI,
        "number": NUMBER,
        "quantity": QUANTITY,
        "special": NEAR,
    }
)
"""By the name of the type; a composite is made of others."""

DOCUMENT_PARAMETERS: Mapping[str, SearchType] = MappingProxyType(
    {
        "_id": ID,
        "_lastUpdated": LAST_UPDATED,
        "_text": TEXT,
        "_content": CONTENT,
    }
)
"""By the code of the parameter, in place of its type."""

PARTICULAR: Mapping[str, SearchType] = MappingProxyType(
    {
        f"{CANONICAL}/SearchParameter/pswp-designation": DESIGNATION,
        "http://hl7.org/fhir/SearchParameter/patient-extensions-Patient-age": AGE,
    }
)
"""By the URL of the parameter, in place of its type."""
