"""Between stored versions and MongoDB documents.

Decimals become Decimal128, which keeps their digits; everything else is stored as it is.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bson import Decimal128
from bson.codec_options import CodecOptions, TypeDecoder, TypeEncoder, TypeRegistry

from psolink.fhir_json import JsonObject
from psolink.store.values import Access, Delete, Key, Put, Row, Stored


class _DecimalEncoder(TypeEncoder):
    python_type = Decimal

    def transform_python(self, value: Decimal) -> Decimal128:
        return Decimal128(value)


class _DecimalDecoder(TypeDecoder):
    bson_type = Decimal128

    def transform_bson(self, value: Decimal128) -> Decimal:
        return value.to_decimal()


CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, tzinfo=UTC, type_registry=TypeRegistry([_DecimalEncoder(), _DecimalDecoder()])
)

WRITING: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, tzinfo=UTC, type_registry=TypeRegistry([_DecimalEncoder()])
)
"""The same for what is only written. Decoders make the driver read every answer twice."""


DESCRIBED = frozenset(
    {
        "_id",
        "type",
        "id",
        "tenant",
        "version",
        "created",
        "updated",
        "holders",
        "level",
        "pswp",
        "deleted",
        "method",
        "resource",
        "referred",
        "chunks",
    }
)
"""What a current document holds beside the values to search by."""


def document(
    write: Put | Delete, *, version: int, updated: datetime, created: datetime | None = None
) -> JsonObject:
    """Return the current document of what `write` asks for; `created` tells of the first version."""
    described: JsonObject = {
        "_id": str(write.key),
        "type": write.key.type,
        "id": write.key.id,
        "tenant": write.key.tenant,
        "version": version,
        "created": created or updated,
        "updated": updated,
        "holders": list(write.access.holders),
        "level": write.access.level,
        "pswp": write.access.pswp,
    }
    if isinstance(write, Delete):
        return described | {"deleted": True, "method": "DELETE"}
    resource = stamped(write.resource, version=version, updated=updated)
    return (
        described | {"deleted": False, "method": write.method, "resource": resource} | write.index
    )


def stamped(resource: JsonObject, *, version: int, updated: datetime) -> JsonObject:
    """Return `resource` with the version and the moment of this write in its meta."""
    meta = resource.get("meta", {}) | {"versionId": str(version), "lastUpdated": instant(updated)}
    return {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta} | {
        name: value
        for name, value in resource.items()
        if name not in ("resourceType", "id", "meta")
    }


def instant(moment: datetime) -> str:
    """Return `moment` as a FHIR instant in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def superseded(current: JsonObject, *, until: datetime) -> JsonObject:
    """Return the history document of a current document, which was current before `until`."""
    kept = ("type", "id", "tenant", "version", "updated", "holders", "level", "pswp", "deleted")
    past = {name: current[name] for name in (*kept, "method")}
    past |= {name: current[name] for name in ("resource", "chunks") if name in current}
    return {"_id": version_id(current["_id"], current["version"]), "until": until} | past


def first_version_id(key: str) -> str:
    """Return the id of the history document of a resource's first version."""
    return version_id(key, 1)


def version_id(key: str, version: int) -> str:
    """Return the id of the history document of a version."""
    return f"{key}/{version:08d}"


def stored(found: JsonObject) -> Stored:
    """Return the version that a current or history document holds."""
    return Stored(
        key=_key(found),
        version=found["version"],
        updated=found["updated"],
        method=found["method"],
        access=_access(found),
        resource=found.get("resource"),
        index=found,
    )


IDENTITY = ("tenant", "type", "id", "holders", "level", "pswp")
"""The fields that a `Row` is made of, besides those that are wanted."""


def row(found: JsonObject) -> Row:
    """Return what a projection holds."""
    return Row(_key(found), _access(found), found)


def _key(found: JsonObject) -> Key:
    return Key(found["tenant"], found["type"], found["id"])


def _access(found: JsonObject) -> Access:
    return Access(found["tenant"], tuple(found["holders"]), found["level"], found["pswp"])
