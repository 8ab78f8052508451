"""Reading the fields of a command. What is not known or not supported is refused."""

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

from bson import Int64

from psolink.embedded.deadline import Deadline
from psolink.embedded.documents import Document, decode
from psolink.embedded.engine import Request
from psolink.embedded.errors import Code, CommandError, bad_value, not_implemented
from psolink.embedded.query import Hint

Value = TypeVar("Value")

# Every command may have these.
_GENERIC: Final = frozenset(
    {
        "$db",
        "lsid",
        "txnNumber",
        "autocommit",
        "startTransaction",
        "readConcern",
        "writeConcern",
        "$clusterTime",
        "$readPreference",
        "comment",
        "maxTimeMS",
    }
)
# MongoDB knows these, and they would change the answer.
_UNSUPPORTED: Final = frozenset(
    {
        "collation",
        "arrayFilters",
        "let",
        "c",
        "sampleRate",
        "min",
        "max",
        "returnKey",
        "showRecordId",
        "tailable",
        "awaitData",
        "oplogReplay",
        "explain",
        "allowPartialResults",
        "constants",
        "expireAfterSeconds",
        "partialFilterExpression",
        "sparse",
        "hidden",
        "wildcardProjection",
        "weights",
        "default_language",
        "textIndexVersion",
        "2dsphereIndexVersion",
        "storageEngine",
        "capped",
        "size",
        "timeseries",
        "clusteredIndex",
        "validator",
        "viewOn",
        "pipeline",
        "changeStreamPreAndPostImages",
        "encryptedFields",
        "maxAwaitTimeMS",
        "commitQuorum",
    }
)
_READ_LEVELS: Final = frozenset({"local", "available", "majority", "linearizable", "snapshot"})


def check_fields(fields: Mapping[str, object], allowed: Collection[str], where: str) -> None:
    """Refuse fields other than `allowed`."""
    for name, value in fields.items():
        if name in allowed:
            continue
        if name in _UNSUPPORTED:
            if value is not False:
                raise not_implemented(f"the option '{name}' of {where}")
            continue
        raise CommandError(Code.Location40415, f"BSON field '{where}.{name}' is an unknown field.")


def check_command(request: Request, allowed: Collection[str]) -> None:
    """Refuse fields of the command other than `allowed` and those that every command has."""
    body = request.body
    check_fields(body, {request.name, *allowed, *_GENERIC}, request.name)
    _check_concerns(body)
    limit = get(body, "maxTimeMS", int, 0)
    if limit:
        request.deadline = Deadline(limit / 1000)


def _check_concerns(body: Document) -> None:
    reading = get(body, "readConcern", dict, {})
    if reading.get("level", "local") not in _READ_LEVELS or "atClusterTime" in reading:
        raise CommandError(Code.InvalidOptions, "the read concern is not supported")
    writing = get(body, "writeConcern", dict, {})
    if writing.get("w", 1) not in (0, 1, "majority"):
        raise CommandError(
            Code.UnsatisfiableWriteConcern, "Not enough data-bearing nodes: there is one"
        )


def get(fields: Mapping[str, Any], name: str, kind: type[Value], default: Value) -> Value:
    """Return a field of that type; null and a missing field give `default`."""
    value = fields.get(name)
    if value is None:
        return default
    if kind is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    if kind is bool and isinstance(value, int | float):
        value = bool(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise CommandError(
            Code.TypeMismatch,
            f"field '{name}' is of the wrong type '{type(value).__name__}', "
            f"expected '{kind.__name__}'",
        )
    return value


def required(fields: Mapping[str, Any], name: str, kind: type[Value], where: str) -> Value:
    """Return a field of that type that must be there."""
    if fields.get(name) is None:
        raise CommandError(
            Code.Location40414, f"BSON field '{where}.{name}' is missing but a required field"
        )
    return get(fields, name, kind, kind())


def not_negative(fields: Mapping[str, Any], name: str, default: int = 0) -> int:
    """Return a whole number."""
    value = get(fields, name, int, default)
    if value < 0:
        raise bad_value(f"{name} must not be negative")
    return value


def hint(fields: Mapping[str, Any]) -> Hint | None:
    """Return the index that the client wants to be used."""
    value = fields.get("hint")
    if value is not None and not isinstance(value, str | dict):
        raise CommandError(Code.FailedToParse, "hint must be a string or an object")
    return value or None


def documents(request: Request, name: str) -> list[Document]:
    """Return the documents of a sequence, which come beside the command or within it."""
    if name in request.sequences:
        return [decode(body) for body in request.sequences[name]]
    found = required(request.body, name, list, request.name)
    for document in found:
        if not isinstance(document, dict):
            raise CommandError(Code.TypeMismatch, f"'{name}' must be an array of objects")
    return found


def cursor_number(value: object) -> int:
    """Return the number of a cursor."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise CommandError(Code.TypeMismatch, "a cursor id has to be a long")
    return value


def cursor_answer(request: Request, number: int, name: str, batch: list[Any]) -> Document:
    """Return the answer that holds a batch of a cursor."""
    cursor = {name: batch, "id": Int64(number), "ns": f"{request.database}.{_collection(request)}"}
    return {"cursor": cursor, "ok": 1.0}


def _collection(request: Request) -> str:
    name = request.body.get("collection", request.body[request.name])
    return name if isinstance(name, str) else "$cmd"
