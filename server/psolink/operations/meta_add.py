"""`$meta-add`: add profiles, tags and security labels to a resource.

https://hl7.org/fhir/R4/resource-operation-meta-add.html
"""

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.meta_labels import LABELS, PROFILE, identity, sent
from psolink.operations.meta_update import update_meta


def meta_add(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the meta with what was added; adding what is there changes nothing."""
    added = sent(ctx, body)

    def change(meta: JsonObject) -> JsonObject:
        return meta | {
            name: _union(meta.get(name, []), added[name])
            for name in (PROFILE, *LABELS)
            if name in added
        }

    return update_meta(ctx, called, change)


def _union(present: list[object], added: list[object]) -> list[object]:
    known = {identity(each): each for each in present}
    for each in added:
        known.setdefault(identity(each), each)
    return list(known.values())
