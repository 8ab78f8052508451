"""Patch: change parts of a resource.

https://hl7.org/fhir/R4/http.html#patch
"""

from psolink.errors import InvalidRequest, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions import content
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.patching import Patch
from psolink.interactions.preconditions import UNCONDITIONAL, Precondition
from psolink.interactions.read import current
from psolink.interactions.result import Result
from psolink.interactions.update import put_for, updated
from psolink.outcome import Issue
from psolink.store.values import Stored


def patch(
    ctx: Context,
    resource_type: str,
    resource_id: str,
    change: Patch,
    *,
    condition: Precondition = UNCONDITIONAL,
) -> Result:
    """Store what `change` makes of the current version as the next one."""
    return until_current(
        lambda: patch_current(
            ctx,
            current(ctx, resource_type, resource_id, to="u"),
            change,
            condition=condition,
        )
    )


def patch_current(
    ctx: Context, before: Stored, change: Patch, *, condition: Precondition
) -> Result:
    """Store the next version of `before`; raise `Outdated` where that is not current any more."""
    condition.require(before)
    after, issues = patched(ctx, before, change, at=before.key.type)
    put = put_for(ctx, after, before, condition=condition)
    return updated(ctx, put, before, issues)


def patched(
    ctx: Context, before: Stored, change: Patch, *, at: str, in_transaction: bool = False
) -> tuple[JsonObject, tuple[Issue, ...]]:
    """Return the changed resource and the remarks on it; raise `Unprocessable` where it is unsound."""
    after = change(before.content)
    for name, value in (("resourceType", before.key.type), ("id", before.key.id)):
        if after.get(name) != value:
            raise Unprocessable(f"A patch cannot change {name}.", f"{at}.{name}")
    try:
        return after, content.check_structure(ctx, after, in_transaction=in_transaction)
    except InvalidRequest as error:
        # The request was well-formed: it is its result that is no valid resource.
        raise Unprocessable.of(error.issues) from error
