"""hello, ping, buildInfo and what else a driver asks before it starts."""

import time
from typing import Any, Final

from bson.datetime_ms import DatetimeMS

from psolink.embedded.commands import options
from psolink.embedded.documents import MAX_DOCUMENT_BYTES, Document
from psolink.embedded.engine import Engine, Request
from psolink.embedded.sessions import TIMEOUT_MINUTES
from psolink.embedded.wire import MAX_MESSAGE_BYTES

# Drivers offer sessions and transactions only to what looks like the primary of a replica set.
REPLICA_SET: Final = "psolink-embedded"
_MEMBER: Final = "localhost:27017"
_MAX_WIRE_VERSION: Final = 21
_VERSION: Final = (7, 0, 0, 0)


def hello(_engine: Engine, request: Request) -> Document:
    """Return what the engine is and which limits it has.

    https://www.mongodb.com/docs/manual/reference/command/hello/
    """
    is_primary = "isWritablePrimary" if request.name == "hello" else "ismaster"
    return {
        "helloOk": True,
        is_primary: True,
        "secondary": False,
        "setName": REPLICA_SET,
        "setVersion": 1,
        "hosts": [_MEMBER],
        "primary": _MEMBER,
        "me": _MEMBER,
        "maxBsonObjectSize": MAX_DOCUMENT_BYTES,
        "maxMessageSizeBytes": MAX_MESSAGE_BYTES,
        "maxWriteBatchSize": 100_000,
        "localTime": DatetimeMS(int(time.time() * 1000)),
        "logicalSessionTimeoutMinutes": TIMEOUT_MINUTES,
        "minWireVersion": 0,
        "maxWireVersion": _MAX_WIRE_VERSION,
        "readOnly": False,
        "ok": 1.0,
    }


def ping(_engine: Engine, request: Request) -> Document:
    """Return that the engine is there."""
    options.check_command(request, ())
    return {"ok": 1.0}


def build_info(_engine: Engine, request: Request) -> Document:
    """Return which MongoDB version's commands the engine follows.

    https://www.mongodb.com/docs/manual/reference/command/buildInfo/
    """
    options.check_command(request, ())
    modules: list[Any] = []
    return {
        "version": ".".join(map(str, _VERSION[:3])),
        "versionArray": list(_VERSION),
        "gitVersion": "psolink-embedded",
        "modules": modules,
        "bits": 64,
        "maxBsonObjectSize": MAX_DOCUMENT_BYTES,
        "ok": 1.0,
    }
