"""What a job keeps of a commit, so that its answer can be told after the worker died.

https://hl7.org/fhir/R4/bundle.html#response
"""

from collections.abc import Sequence

from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import render
from psolink.store.values import Delete, Write


def commit_note(writes: Sequence[Write]) -> bytes:
    """Return the note of a request of its own: one write, or several resources deleted together."""
    return note_of([written(writes[0])])


def note_of(entries: list[JsonObject]) -> bytes:
    """Return the note of the entries of a response."""
    return render({"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


def written(write: Write, *, is_new: bool | None = None) -> JsonObject:
    """Return the entry of a response that tells of a write."""
    if isinstance(write, Delete):
        return {"response": {"status": "204 No Content"}}
    created = write.if_version == 0 if is_new is None else is_new
    return located(write.key.reference, write.if_version + 1, is_new=created)


def located(reference: str, version: int, *, is_new: bool) -> JsonObject:
    """Return the entry of a response that tells of a version."""
    return {
        "response": {
            "status": "201 Created" if is_new else "200 OK",
            "location": f"{reference}/_history/{version}",
            "etag": f'W/"{version}"',
        }
    }
