"""The resources that a List holds, `_list=42`.

https://hl7.org/fhir/R4/search.html#list
"""

import re
from collections.abc import Iterator
from typing import Any

from psolink.fhir_json import LOGICAL_ID, JsonObject
from psolink.search.conditions import one_of
from psolink.search.criterion import Criterion
from psolink.search.holding import held_by
from psolink.search.lookup import Reads
from psolink.search.search_type import MalformedValue

LIST = "_list"
_REFERENCE = re.compile(r"([A-Za-z]{1,64})/([A-Za-z0-9\-.]{1,64})(?:/_history/.+)?", re.ASCII)


def read_list(reader: Reads, resource_type: str, value: str) -> Criterion:
    """Return the criterion that a resource is an entry of the List."""
    if value.startswith("$"):
        raise MalformedValue(
            "functional lists such as $current-problems are not kept here; the id of a List is expected"
        )
    list_id = value.removeprefix("List/")
    if not LOGICAL_ID.fullmatch(list_id):
        raise MalformedValue("the id of a List is expected")
    content, tenant = reader.lookup.content("List", list_id) or ({}, "")
    base = f"{reader.asked.base_url}/"
    ids = sorted({each for kind, each in _entries(content, base) if kind == resource_type})
    condition = {"id": one_of(ids)} | held_by(tenant) if ids else {"id": {"$in": []}}
    return Criterion(LIST, list_id, condition, None)


def _entries(content: JsonObject, base: str) -> Iterator[tuple[Any, ...]]:
    """Yield type and id of what the List holds, without what it says was removed."""
    for entry in content.get("entry", ()):
        if entry.get("deleted") is not True:
            reference = entry.get("item", {}).get("reference", "").removeprefix(base)
            if match := _REFERENCE.fullmatch(reference):
                yield match.groups()
