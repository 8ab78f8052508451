"""Which work product makes up one report with an event."""

from collections.abc import Iterable, Iterator

from psolink.errors import Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.criteria import criteria_of
from psolink.pswp import labels
from psolink.store.values import Page, Stored

_LIMIT = 100
_PARTS = ("QuestionnaireResponse", "Medication", "DocumentReference")
"""The types that a report may consist of, beside the event. Another event is another report."""


def companions(ctx: Context, event: Stored) -> list[Stored]:
    """Return the sender's own pending work product that makes up one report with `event`.

    That is the Provenance of its making, what that names as its source, and the suspect entities
    and documents that the event names. Nothing else goes along: a deliberation that the event
    refers to is not part of what is reported, and a clinical resource is no work product.
    """
    provenances = [each for each in _provenances(ctx, event) if _is_pending(each)]
    named = [
        *_named(event.content, "suspectEntity", "instance"),
        *_named(event.content, "referenceDocument"),
        *(reference for each in provenances for reference in _sources(each.content)),
    ]
    parts = [each for each in _stored(ctx, named) if _is_pending(each)]
    return [each for each in (*provenances, *parts) if each.key.tenant == ctx.tenant]


def _is_pending(item: Stored) -> bool:
    return labels.designation(item.content) == "pswp-pending"


def _provenances(ctx: Context, event: Stored) -> list[Stored]:
    criteria = criteria_of(ctx, "Provenance", [("target", event.key.reference)])
    found = ctx.store.find("Provenance", criteria.filter, Page(_LIMIT + 1))
    if len(found) > _LIMIT:
        raise _too_many()
    return found


def _named(resource: JsonObject, name: str, inner: str | None = None) -> Iterator[str]:
    for each in resource.get(name, ()):
        reference = each.get(inner, {}) if inner else each
        if "reference" in reference:
            yield reference["reference"]


def _sources(provenance: JsonObject) -> Iterator[str]:
    for entity in provenance.get("entity", ()):
        if entity.get("role") == "source" and "reference" in entity["what"]:
            yield entity["what"]["reference"]


def _stored(ctx: Context, references: Iterable[str]) -> Iterator[Stored]:
    targets = [reference.partition("/") for reference in dict.fromkeys(references)]
    for resource_type in _PARTS:
        ids = [resource_id for kind, _, resource_id in targets if kind == resource_type]
        if len(ids) > _LIMIT:
            raise _too_many()
        if ids:
            query = {"type": resource_type, "id": {"$in": ids}}
            yield from ctx.store.find(resource_type, query, Page(_LIMIT))


def _too_many() -> Unprocessable:
    return Unprocessable(
        f"The report would have more than {_LIMIT} parts of one kind; report them in several events."
    )
