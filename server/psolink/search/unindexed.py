"""What a document says where values of a parameter could not be taken."""

from psolink.fhir_json import JsonObject

UNINDEXED = "_unindexed"
"""Takes the place of a parameter in tokens whose code is that of a parameter without values."""


def unindexed_item(code: str) -> JsonObject:
    """Return the token that says it of a parameter."""
    return {"p": UNINDEXED, "s": "", "c": code}
