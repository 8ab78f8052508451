"""Write the next version of a resource with another meta and the same content."""

from collections.abc import Callable

from psolink.fhir_json import JsonObject
from psolink.interactions import content
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.read import current
from psolink.interactions.result import Result
from psolink.interactions.save import require_owner
from psolink.interactions.update import put_for
from psolink.operations.called import Called
from psolink.operations.meta_labels import returned

Change = Callable[[JsonObject], JsonObject]


def _nothing_more(_content: JsonObject) -> None:
    """Check nothing that an update does not check."""


def update_meta(
    ctx: Context,
    called: Called,
    change: Change,
    check: Callable[[JsonObject], None] = _nothing_more,
) -> Result:
    """Return the meta after `change`, decided anew when another writer came first.

    The rules of an update hold: only the owner, nothing that the server manages, valid FHIR.
    """

    def attempt() -> Result:
        stored = current(ctx, called.resource_type or "", called.resource_id or "", to="u")
        require_owner(ctx, stored)
        before = stored.content
        check(before)
        after = before | {"meta": change(before["meta"])}
        if after != before:
            content.check_structure(ctx, after)
            put = put_for(ctx, after, stored)
            [stored] = ctx.store.commit([put], now=ctx.services.now())
        return returned(stored.content["meta"], stored)

    return until_current(attempt)
