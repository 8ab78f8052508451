"""Conditional delete: delete what matches search criteria, one or several by setting.

https://hl7.org/fhir/R4/http.html#3.1.0.7.1
"""

from collections.abc import Sequence

from psolink.errors import MethodNotAllowed, PreconditionFailed
from psolink.interactions import conditional_create
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.delete import delete_of
from psolink.interactions.integrity import checked
from psolink.interactions.preconditions import UNCONDITIONAL, Precondition
from psolink.interactions.result import Result
from psolink.outcome import IssueCode
from psolink.settings import ConditionalDelete, Settings
from psolink.store.values import Page, Stored

Criteria = Sequence[tuple[str, str]]


class TooManyMatches(PreconditionFailed):
    """The criteria match more resources than one request may delete."""

    code = IssueCode.MULTIPLE_MATCHES


def conditional_delete(
    ctx: Context,
    resource_type: str,
    criteria: Criteria,
    *,
    condition: Precondition = UNCONDITIONAL,
) -> Result:
    """Delete all that match together; where nothing matches, nothing is left to do."""

    def attempt() -> Result:
        found = find_targets(ctx, resource_type, criteria, condition=condition)
        if not found:
            return Result(204)
        writes = checked(ctx, [delete_of(ctx, each) for each in found])
        stored = ctx.store.commit(writes, now=ctx.services.now())
        return Result(204, None, stored[0] if len(stored) == 1 else None)

    return until_current(attempt)


def find_targets(
    ctx: Context, resource_type: str, criteria: Criteria, *, condition: Precondition
) -> list[Stored]:
    """Return the matches; raise where they are more than the settings let one request delete."""
    limit = _limit(ctx.services.settings)
    query = conditional_create.match_criteria(ctx, resource_type, criteria)
    found = ctx.store.find(resource_type, query.filter, Page(limit + 1))
    if len(found) > limit:
        raise TooManyMatches(
            f"The criteria match more than {limit} {resource_type}, and a conditional delete "
            f"takes {limit} at most; make them narrower. Nothing was deleted."
        )
    conditional_create.require_complete(ctx, resource_type, query)
    if not found:
        condition.require(None)
    for each in found:
        condition.require(each)
    return found


def _limit(settings: Settings) -> int:
    match settings.conditional_delete:
        case ConditionalDelete.MULTIPLE:
            return settings.conditional_delete_limit
        case ConditionalDelete.SINGLE:
            return 1
        case _:
            raise MethodNotAllowed(
                "This server does not delete by criteria; delete each resource by its id."
            )
