"""What a reference such as `Patient/1` means: ids are unique among what an organization holds.

A reference is of the organization that wrote it and leads to what that organization holds, or to
what is for everyone. Who reads it may hold another resource under the same id: that is not meant.
"""

from collections.abc import Iterable

from psolink.fhir_json import JsonObject
from psolink.search.conditions import one_of
from psolink.store.values import EVERYONE


def held_by(tenant: str) -> JsonObject:
    """Return the condition that the references of an organization can lead to a resource."""
    return {"holders": {"$in": [EVERYONE, tenant]}}


def written_by(holders: Iterable[str]) -> JsonObject:
    """Return the condition that the references in a resource can lead to what `holders` hold."""
    writers = sorted(set(holders))
    return {} if EVERYONE in writers else {"tenant": one_of(writers)}


def is_meant(tenant: str, holders: Iterable[str]) -> bool:
    """Tell whether a reference of the organization can lead to what `holders` hold."""
    return not {EVERYONE, tenant}.isdisjoint(holders)
