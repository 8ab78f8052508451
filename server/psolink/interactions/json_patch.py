"""JSON Patch: operations on the JSON form of a resource.

https://www.rfc-editor.org/rfc/rfc6902 and https://hl7.org/fhir/R4/http.html#patch
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from jsonpatch import (
    InvalidJsonPatch,
    JsonPatch,
    JsonPatchConflict,
    JsonPatchTestFailed,
)
from jsonpointer import JsonPointer, JsonPointerException

from psolink.errors import InvalidRequest, TooCostly, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.patching import MAX_OPERATIONS, Patch

MAX_COPIED = 100_000
"""The most values that the copies of one patch may make: each can double the one before."""

_SHOWN = 80
_MORE = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from"}
"""What an operation needs beside its path."""


def json_patch(operations: Sequence[Any]) -> Patch:
    """Return the patch of `operations`; raise `InvalidRequest` where they are no JSON Patch."""
    if len(operations) > MAX_OPERATIONS:
        raise TooCostly(f"A patch may have {MAX_OPERATIONS} operations; send it in parts.")
    for number, operation in enumerate(operations):
        _check(operation, number)
    return partial(_apply, operations)


def _check(operation: object, number: int) -> None:
    """Raise `InvalidRequest` for what is not an operation, whatever resource it is for."""
    if not isinstance(operation, dict):
        raise InvalidRequest(f"Operation {number} of the patch is no JSON object.")
    try:
        JsonPatch([operation])
        for name in ("path", _MORE.get(operation["op"], "path")):
            value = operation[name]
            if name != "value":
                JsonPointer(value)
    except (InvalidJsonPatch, JsonPointerException, TypeError, KeyError) as error:
        raise InvalidRequest(
            f"Operation {number} of the patch ({_shown(operation)}) is not as RFC 6902 has it: it "
            "needs op (add, remove, replace, move, copy or test), path, and value or from."
        ) from error


def _apply(operations: Sequence[JsonObject], resource: JsonObject) -> JsonObject:
    patched = deepcopy(resource)
    copied = 0
    for number, operation in enumerate(operations):
        where = f"Operation {number} of the patch ({_shown(operation)})"
        try:
            if operation["op"] == "copy":
                copied += sum(1 for _ in _values(JsonPointer(operation["from"]).resolve(patched)))
                _require_few(copied)
            patched = JsonPatch([operation]).apply(patched, in_place=True)
        except JsonPatchTestFailed as error:
            raise Unprocessable(f"{where} tested for a value that is not there.") from error
        except (JsonPatchConflict, JsonPointerException) as error:
            # What the library says of it quotes the resource.
            raise Unprocessable(
                f"{where} cannot be done: there is nothing at its path, or no place for it."
            ) from error
    if not isinstance(patched, dict):
        raise Unprocessable("The patch makes something else than a resource of it.")
    return patched


def _require_few(copied: int) -> None:
    if copied > MAX_COPIED:
        raise TooCostly("The patch copies more than one request may; send it in parts.")


def _values(value: object) -> Iterator[object]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _values(each)


def _shown(operation: JsonObject) -> str:
    return " ".join(str(operation.get(name, ""))[:_SHOWN] for name in ("op", "path")).strip()
