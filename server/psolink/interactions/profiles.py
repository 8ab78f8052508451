"""Judge resources by profiles: those that they claim, and those that a client asks for.

https://hl7.org/fhir/R4/profiling.html#resources
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from psolink.errors import Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.outcome import Issue, IssueCode, Severity
from psolink.settings import ProfilePolicy
from psolink.validation.faults import Fault
from psolink.validation.profiles import Claim, Profiles, ProfileUnusable, claims

_MOST_PROFILES = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """The profiles that a client asks for, and whether absent must-support elements are told."""

    urls: tuple[str, ...] = ()
    must_support: bool = False


def enforce(ctx: Context, resource: JsonObject, *, at: str) -> tuple[Issue, ...]:
    """Return the remarks on what is about to be stored; raise `Unprocessable` on a broken profile.

    The setting `profiles` says whether a broken profile refuses, is told, or is not looked for.
    """
    policy = ctx.services.settings.profiles
    if policy is ProfilePolicy.OFF:
        return ()
    issues = tuple(judge_claims(ctx, resource, at=at))
    if policy is ProfilePolicy.WARN:
        return tuple(map(_softened, issues))
    if any(issue.is_error for issue in issues):
        raise Unprocessable.of(issues)
    return issues


def judge(ctx: Context, resource: JsonObject, *, at: str, asked: Asked) -> Iterator[Issue]:
    """Yield what breaks the profiles that are claimed, or asked for, of a sound resource."""
    yield from judge_asked(ctx, resource, at=at, asked=asked)
    yield from judge_claims(ctx, resource, at=at, is_thorough=asked.must_support)


def judge_asked(ctx: Context, resource: JsonObject, *, at: str, asked: Asked) -> Iterator[Issue]:
    """Yield what breaks the profiles that a client asks for; one that is not known is an error."""
    for url in dict.fromkeys(asked.urls):
        known = _profiles(ctx, resource, url)
        yield from known.validate(resource, url, at=at, is_thorough=asked.must_support)


def judge_claims(
    ctx: Context, resource: JsonObject, *, at: str, is_thorough: bool = False
) -> Iterator[Issue]:
    """Yield what breaks the profiles that are claimed; one that is not known is a warning."""
    claimed = list(claims(resource, at))
    if len({each.profile for each in claimed}) > _MOST_PROFILES:
        yield _too_many(at)
        return
    for claim in claimed:
        try:
            known = _profiles(ctx, resource, claim.profile)
            yield from known.judge(
                claim.resource, claim.profile, at=claim.at, is_thorough=is_thorough
            )
        except ProfileUnusable as unusable:
            yield _not_judged(claim, str(unusable))


def claiming(ctx: Context, resource: JsonObject, url: str) -> JsonObject:
    """Return the resource with a claim of the profile, or as it is where it breaks that."""
    meta = resource.get("meta", {})
    claimed = meta.get("profile", [])
    if any(each.partition("|")[0] == url for each in claimed):
        return resource
    if any(issue.is_error for issue in ctx.profiles(url).judge(resource, url)):
        return resource
    return resource | {"meta": meta | {"profile": [*claimed, url]}}


def _profiles(ctx: Context, resource: JsonObject, url: str) -> Profiles:
    """Return the profiles with that one; `#id` is one that the resource itself contains."""
    known = ctx.profiles(url)
    if not url.startswith("#"):
        return known
    return known.including(
        each | {"url": url}
        for each in resource.get("contained", ())
        if each.get("resourceType") == "StructureDefinition" and url == f"#{each.get('id')}"
    )


def _too_many(at: str) -> Issue:
    return Issue(
        IssueCode.TOO_COSTLY,
        f"It names more than {_MOST_PROFILES} different profiles; name those that matter.",
        at,
        fault=Fault.TOO_MANY,
    )


def _not_judged(claim: Claim, reason: str) -> Issue:
    return Issue(
        IssueCode.NOT_FOUND,
        f"Whether it keeps this profile was not judged: {reason}",
        claim.place,
        Severity.WARNING,
        Fault.PROFILE_NOT_JUDGED,
        profile=claim.profile,
    )


def _softened(issue: Issue) -> Issue:
    return replace(issue, severity=Severity.WARNING) if issue.is_error else issue
