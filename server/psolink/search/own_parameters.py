"""The search parameters that this project adds to those of R4."""

from psolink.artifacts import artifact_dir
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse


def own_search_parameters() -> list[JsonObject]:
    """Return the SearchParameter resources that ship with the server."""
    folder = artifact_dir("profiles") / "psolink"
    limits = JsonLimits()
    return [
        parse(path.read_bytes(), limits=limits)
        for path in sorted(folder.glob("SearchParameter-*.json"))
    ]
