"""What a SearchParameter must be so that searches can use it: it is checked when it is written."""

from collections.abc import Iterator

from psolink.errors import Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.outcome import Issue, IssueCode
from psolink.search.registry import InvalidDefinition
from psolink.search.stored_parameters import MOST, TYPE, key_of
from psolink.store.values import Stored


def require_usable(
    ctx: Context, resource: JsonObject, *, at: str, current: Stored | None = None
) -> None:
    """Raise `Unprocessable` for a SearchParameter that searches could not use."""
    if resource["resourceType"] != TYPE:
        return
    issues = [*_of_definition(ctx, resource, at), *_of_others(ctx, resource, at, current)]
    if issues:
        raise Unprocessable.of(issues)


def _of_definition(ctx: Context, resource: JsonObject, at: str) -> Iterator[Issue]:
    shared = ctx.services.published.intersection(resource.get("base", ()))
    if shared:
        yield Issue(
            IssueCode.NOT_SUPPORTED,
            f"The definitions of {', '.join(sorted(shared))} belong to everyone; parameters of one "
            "organization are not supported for them.",
            f"{at}.base",
        )
    try:
        ctx.services.search_parameters.shared.compiled(resource, key_of(ctx.tenant, resource))
    except InvalidDefinition as error:
        where = f"{at}.{error.element}" if error.element else at
        yield Issue(IssueCode.PROCESSING, str(error), where)


def _of_others(
    ctx: Context, resource: JsonObject, at: str, current: Stored | None
) -> Iterator[Issue]:
    others = [
        each
        for each in ctx.services.stored_parameters.definitions(ctx.tenant)
        if current is None or each.key.id != current.key.id
    ]
    if len(others) >= MOST:
        yield Issue(
            IssueCode.PROCESSING, f"An organization stores at most {MOST} search parameters.", at
        )
    bases = set(resource.get("base", ()))
    for each in others:
        taken = bases.intersection(each.content["base"])
        if taken and each.content["code"] == resource.get("code"):
            yield Issue(
                IssueCode.DUPLICATE,
                # Which one is not said: this client may not be allowed to see it.
                f"Your organization has a parameter of this code for {', '.join(sorted(taken))} "
                "already; choose another code.",
                f"{at}.code",
            )
