"""Resources that do not fit into one document: kept in parts, written and read as a whole.

MongoDB takes documents of 16 MB at most. What is larger leaves only its identity and meta in the
document; its content is JSON, cut into parts of their own in the collection `chunks`. Parts are
named by the version and never change, so that history shares them.

https://www.mongodb.com/docs/manual/reference/limits/
"""

from collections.abc import Sequence
from typing import Any, Final

import bson
from bson.errors import BSONError
from pymongo.client_session import ClientSession
from pymongo.database import Database

from psolink.errors import PayloadTooLarge, TooCostly
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse, render
from psolink.store.documents import CODEC

DOCUMENT_BYTES: Final = 12 * 1024 * 1024
"""Larger documents are cut; beside the content there is room for labels and search values."""

PART_BYTES: Final = 4 * 1024 * 1024

READ_BYTES: Final = 128 * 1024 * 1024
"""The most content in parts that one page of a result may hold, because it is held in memory."""

_LAST: Final = 9999
_ANY_DEPTH: Final = 200
_STUB: Final = ("resourceType", "id", "meta")
_MEGABYTE: Final = 1024 * 1024


class Chunks:
    """The parts of large resources."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._parts = database["chunks"]

    def cut(self, documents: Sequence[JsonObject], session: ClientSession) -> list[JsonObject]:
        """Return the documents with large content taken out and written as parts."""
        return [
            self._cut(each, session) if _size(each) > DOCUMENT_BYTES else each for each in documents
        ]

    def _cut(self, document: JsonObject, session: ClientSession) -> JsonObject:
        if "resource" not in document:
            raise _unkeepable()
        resource = document["resource"]
        content = render(resource)
        stub = document | {
            "resource": {name: resource[name] for name in _STUB if name in resource},
            "chunks": {"version": document["version"], "bytes": len(content)},
        }
        if _size(stub) > DOCUMENT_BYTES:
            raise _unkeepable()
        for number, start in enumerate(range(0, len(content), PART_BYTES)):
            part = content[start : start + PART_BYTES]
            row = {"_id": _part_id(document["_id"], document["version"], number), "content": part}
            self._parts.insert_one(row, session=session)
        return stub

    def joined(self, documents: list[JsonObject]) -> list[JsonObject]:
        """Return the documents with the content that was taken out of some of them."""
        total = sum(each["chunks"]["bytes"] for each in documents if "chunks" in each)
        if total > READ_BYTES:
            raise TooCostly(
                f"The resources of this result hold {total // _MEGABYTE} MB, and at most "
                f"{READ_BYTES // _MEGABYTE} MB are given at once: ask for fewer with _count."
            )
        return [self._joined(each) if "chunks" in each else each for each in documents]

    def _joined(self, document: JsonObject) -> JsonObject:
        # The key of a resource, also where the document is of its history.
        key = f"{document['tenant']}/{document['type']}/{document['id']}"
        first = _part_id(key, document["chunks"]["version"], 0)
        last = _part_id(key, document["chunks"]["version"], _LAST)
        rows = self._parts.find({"_id": {"$gte": first, "$lte": last}}).sort("_id", 1)
        content = b"".join(each["content"] for each in rows)
        if len(content) != document["chunks"]["bytes"]:
            raise ValueError("parts of a resource are missing")
        limits = JsonLimits(max_bytes=len(content), max_depth=_ANY_DEPTH)
        return document | {"resource": parse(content, limits=limits)}


def _part_id(key: str, version: int, number: int) -> str:
    return f"{key}/{version:08d}/{number:04d}"


def _size(document: JsonObject) -> int:
    try:
        return len(bson.encode(document, codec_options=CODEC))
    except BSONError as error:
        raise _unkeepable() from error


def _unkeepable() -> PayloadTooLarge:
    return PayloadTooLarge(
        "The resource has more meta, or more values to search by, than the database keeps for one "
        "resource (12 MB)."
    )
