"""What a resource refers to on this server: every literal reference, indexed by a parameter or not.

https://hl7.org/fhir/R4/references.html#literal
"""

from collections.abc import Iterator

from psolink.definitions.literal_references import Types, literal_references
from psolink.fhir_json import LOCAL_REFERENCE, JsonObject

REFERS = "refers"
"""The array of a stored document that holds them."""

EXEMPT = frozenset({"AuditEvent", "Provenance"})
"""They tell of what was, and what they tell of may be gone."""


def referred(types: Types, resource: JsonObject, *, base_url: str) -> list[str]:
    """Return the targets as `Type/id`, each once."""
    return list(dict.fromkeys(target for _, target in places(types, resource, base_url=base_url)))


def places(types: Types, resource: JsonObject, *, base_url: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each literal reference to this server, and its target.

    A version of a resource counts as the resource.
    """
    if resource["resourceType"] in EXEMPT:
        return
    for path, reference in literal_references(types, resource):
        match = LOCAL_REFERENCE.fullmatch(
            reference.removeprefix(f"{base_url}/") if base_url else reference
        )
        target = types.get(match["type"]) if match else None
        if match and target and target.kind == "resource":
            yield path, f"{match['type']}/{match['id']}"
