"""Conditional patch: change parts of the one resource that matches search criteria.

https://hl7.org/fhir/R4/http.html#patch
"""

from collections.abc import Sequence

from psolink.errors import ResourceNotFound
from psolink.interactions import conditional_create
from psolink.interactions.attempts import until_current
from psolink.interactions.context import Context
from psolink.interactions.patch import patch_current
from psolink.interactions.patching import Patch
from psolink.interactions.preconditions import UNCONDITIONAL, Precondition
from psolink.interactions.result import Result
from psolink.store.values import Stored


def conditional_patch(
    ctx: Context,
    resource_type: str,
    criteria: Sequence[tuple[str, str]],
    change: Patch,
    *,
    condition: Precondition = UNCONDITIONAL,
) -> Result:
    """Change the one match; refuse none and many."""
    return until_current(
        lambda: patch_current(
            ctx, the_match(ctx, resource_type, criteria), change, condition=condition
        )
    )


def the_match(
    ctx: Context,
    resource_type: str,
    criteria: Sequence[tuple[str, str]],
    *,
    without: frozenset[str] = frozenset(),
) -> Stored:
    """Return the one resource that matches; raise `ResourceNotFound` where there is none."""
    found = conditional_create.match(ctx, resource_type, criteria, without=without).found
    if found is None:
        raise ResourceNotFound(f"No {resource_type} matches the criteria.")
    return found
