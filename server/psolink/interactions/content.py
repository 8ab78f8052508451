"""Judge what a client sent: the base rules of FHIR, then the rules of patient safety work product."""

from collections.abc import Iterable

from psolink.definitions.literal_references import literal_references
from psolink.errors import InvalidRequest, Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.references import is_conditional
from psolink.outcome import Issue, IssueCode
from psolink.pswp import intake


def check_type(resource_type: str, resource: JsonObject) -> None:
    """Raise `InvalidRequest` where the body is of another type than the URL."""
    found = resource.get("resourceType")
    if found != resource_type:
        raise InvalidRequest(
            f"The URL is for {resource_type}, and the body's resourceType is {found!r}.",
            "resourceType",
        )


def check(ctx: Context, resource: JsonObject) -> tuple[Issue, ...]:
    """Return the remarks on a new resource that may be stored.

    Raise `InvalidRequest` for one that is no valid FHIR, and `Unprocessable` where it breaks a
    profile or a rule of the server (https://hl7.org/fhir/R4/http.html#create, status codes).
    """
    path = resource["resourceType"]
    structure = structure_issues(ctx, resource)
    rules = rules_for_new(ctx, resource, structure, at=path)
    refuse(structure, rules)
    return (*structure, *rules)


def check_structure(
    ctx: Context, resource: JsonObject, *, in_transaction: bool = False
) -> tuple[Issue, ...]:
    """Return the remarks on valid FHIR; raise `InvalidRequest` otherwise.

    Only a transaction resolves conditional references.
    """
    structure = structure_issues(ctx, resource, in_transaction=in_transaction)
    refuse(structure, [])
    return tuple(structure)


def structure_issues(
    ctx: Context, resource: JsonObject, *, in_transaction: bool = False
) -> list[Issue]:
    """Return what the base rules find in a resource that stands for itself."""
    structure = ctx.services.validator.validate(resource, at=resource["resourceType"])
    if not in_transaction and any(
        is_conditional(reference)
        for _, reference in literal_references(ctx.services.definitions.types, resource)
    ):
        structure.append(
            Issue(
                IssueCode.INVALID,
                "A conditional reference, like Patient?identifier=1, is for transactions, which "
                "resolve it; send Type/id here.",
                resource["resourceType"],
            )
        )
    return structure


def rules_for_new(
    ctx: Context, resource: JsonObject, structure: Iterable[Issue], *, at: str
) -> list[Issue]:
    """Return what the PSWP rules find, where the structure of meta lets them look."""
    in_meta = f"{at}.meta"
    if any(each.is_error and (each.expression or "").startswith(in_meta) for each in structure):
        return []
    return list(intake.check(resource, ctx.party, at=at))


def refuse(structure: list[Issue], rules: list[Issue]) -> None:
    """Raise with all issues if one of them is an error."""
    issues = [*structure, *rules]
    if any(issue.is_error for issue in rules):
        raise Unprocessable.of(issues)
    if any(issue.is_error for issue in structure):
        raise InvalidRequest.of(issues)
