"""Rows of the audit: who did what to which item, and when. They hold no content of resources."""

from datetime import datetime
from uuid import uuid4

from psolink.fhir_json import JsonObject
from psolink.security.principal import Principal
from psolink.store.values import Delete, Write


def audit_row(principal: Principal, write: Write, *, now: datetime) -> JsonObject:
    """Return the row for one write.

    `action` is as in https://hl7.org/fhir/R4/valueset-audit-event-action.html.
    """
    action = "D" if isinstance(write, Delete) else "U" if write.if_version else "C"
    return {
        "_id": str(uuid4()),
        "at": now,
        "organization": principal.organization,
        "client": principal.client_id,
        "action": action,
        "item": str(write.key),
        "version": write.if_version + 1,
    }
