"""Which work product belongs together with an event: what it was derived from and what it names."""

from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.references import literals
from psolink.pswp import labels
from psolink.search.criteria import parse_criteria
from psolink.store.values import Page, Stored

_LIMIT = 100


def companions(ctx: Context, event: Stored) -> list[Stored]:
    """Return the sender's own work product that makes up one report with `event`.

    That is the Provenance of its making, the report it was derived from, and what the event itself
    refers to. Clinical resources are no work product and stay where they are.
    """
    provenances = [each for each in _provenances(ctx, event) if _is_of_making(each.content)]
    named = [
        reference
        for each in (event, *provenances)
        for reference in literals(each.content)
        if reference != event.key.reference
    ]
    found = {str(each.key): each for each in (*provenances, *_stored(ctx, named))}
    return [each for each in found.values() if each.access.pswp and each.key.tenant == ctx.tenant]


def _provenances(ctx: Context, event: Stored) -> list[Stored]:
    criteria = parse_criteria(
        ctx.services.search_parameters,
        "Provenance",
        [("target", event.key.reference)],
        base_url=ctx.base_url,
    )
    return ctx.store.find("Provenance", criteria.filter, Page(_LIMIT))


def _is_of_making(provenance: JsonObject) -> bool:
    # The Provenance of a report tells one recipient of another: it stays with the sender.
    return labels.designation(provenance) != "pswp-fact-of-reporting"


def _stored(ctx: Context, references: list[str]) -> Iterator[Stored]:
    for reference in dict.fromkeys(references):
        resource_type, _, resource_id = reference.partition("/")
        if resource_type in ctx.services.definitions.resource_types and "/" not in resource_id:
            found = ctx.store.get(resource_type, resource_id)
            if found is not None and found.resource is not None:
                yield found
