"""What may be stored: types, names, depth and size of a document.

https://www.mongodb.com/docs/manual/reference/limits/
"""

from psolink.embedded.documents import (
    MAX_DEPTH,
    MAX_DOCUMENT_BYTES,
    STORABLE_SCALARS,
    Document,
    encode,
)
from psolink.embedded.errors import Code, CommandError, bad_value
from psolink.embedded.paths import ID


def body_of(document: Document) -> bytes:
    """Return the BSON of a document that may be stored; any other is refused."""
    check_storable(document)
    if isinstance(document.get(ID), list):
        raise bad_value("The '_id' value cannot be of type array")
    body = encode(document)
    if len(body) > MAX_DOCUMENT_BYTES:
        raise CommandError(
            Code.BSONObjectTooLarge,
            f"object to insert too large. size in bytes: {len(body)}, "
            f"max size: {MAX_DOCUMENT_BYTES}",
        )
    return body


def check_storable(document: Document) -> None:
    """Refuse types and names that the engine does not store."""
    level: list[object] = [document]
    for _ in range(MAX_DEPTH):
        level = [item for value in level for item in _content(value)]
        if not level:
            return
    raise CommandError(Code.Overflow, f"the document is nested deeper than {MAX_DEPTH} levels")


def _content(value: object) -> list[object]:
    """Return the subdocuments and arrays within `value`, once its other content is accepted."""
    if isinstance(value, dict):
        for name in value:
            if name.startswith("$"):
                raise CommandError(
                    Code.DollarPrefixedFieldName,
                    f"the field name '{name}' begins with '$', which is not stored",
                )
        items = list(value.values())
    elif isinstance(value, list):
        items = value
    else:
        raise bad_value(f"values of type {type(value).__name__} are not stored")
    return [item for item in items if type(item) not in STORABLE_SCALARS]
