"""Terminology capabilities: which code systems are held, and what is answered about them.

https://hl7.org/fhir/R4/terminologycapabilities.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.capabilities import about
from psolink.interactions.context import Services

_EXPANSION_PARAMETERS = ("activeOnly", "count", "filter", "offset", "url", "valueSet")


def terminology_capabilities(services: Services, base_url: str) -> JsonObject:
    """Return the TerminologyCapabilities of this server."""
    return {
        "resourceType": "TerminologyCapabilities",
        **about(base_url),
        "lockedDate": False,
        "codeSystem": [{"uri": each} for each in services.terminology.catalogue.code_system_urls()],
        "expansion": {
            "hierarchical": False,
            "paging": True,
            "incomplete": False,
            "parameter": [{"name": each} for each in _EXPANSION_PARAMETERS],
            "textFilter": "Every word is in the code or the display, whatever the case.",
        },
        "codeSearch": "explicit",
        "validateCode": {"translations": False},
        "translation": {"needsMap": True},
    }
