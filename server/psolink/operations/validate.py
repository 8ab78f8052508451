"""`$validate`: what is wrong with a resource, or with what a client means to do with it.

https://hl7.org/fhir/R4/resource-operation-validate.html
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from psolink.errors import FhirError, InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions import content, profiles
from psolink.interactions.context import Context
from psolink.interactions.delete import delete_of
from psolink.interactions.read import current, not_found
from psolink.interactions.result import Result
from psolink.interactions.save import new_put
from psolink.interactions.update import check_id, put_for
from psolink.operations.called import Called
from psolink.operations.validation_request import Asked, Mode, read_request
from psolink.outcome import Issue, operation_outcome
from psolink.settings import ProfilePolicy
from psolink.store.values import Put, Write
from psolink.validation.sound_part import sound_part

Intend = Callable[[JsonObject], Write]


def validate(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return an OperationOutcome with all that was found, by 200 also where that is much."""
    asked = read_request(ctx, body, called)
    issues = tuple(dict.fromkeys(_CHECKS[asked.mode](ctx, asked)))
    outcome = operation_outcome(issues)
    return Result(200, outcome, issues=issues, is_outcome=True, input_at=asked.at)


def _as_it_is(ctx: Context, asked: Asked) -> Iterator[Issue]:
    """Yield what breaks the rules of FHIR and profiles, whatever the resource is for."""
    resource = _sent_or_stored(ctx, asked)
    issues = [*_type_issues(asked, resource), *content.structure_issues(ctx, resource)]
    yield from issues
    yield from _by_profiles(ctx, asked, resource, issues)


def _for_create(ctx: Context, asked: Asked) -> Iterator[Issue]:
    if asked.resource_id is not None:
        raise InvalidRequest("The mode create is for a type: there is no resource yet.")
    resource = _sent(asked)
    structure = content.structure_issues(ctx, resource)
    rules = content.rules_for_new(ctx, resource, structure, at=_root(resource))

    def intend(sent: JsonObject) -> Write:
        named = sent | {"id": ctx.services.new_id()}
        return new_put(ctx, named, now=ctx.services.now())

    yield from _intended(ctx, asked, [*structure, *rules], intend)


def _for_update(ctx: Context, asked: Asked) -> Iterator[Issue]:
    resource = _sent(asked)
    resource_id = asked.resource_id or resource.get("id")
    if not isinstance(resource_id, str):
        raise InvalidRequest("The mode update needs an id, in the URL or in the resource.")
    stored = ctx.store.get(_root(resource), resource_id, to="u")

    def intend(sent: JsonObject) -> Write:
        check_id(resource_id, sent)
        return put_for(ctx, sent, stored)

    yield from _intended(ctx, asked, content.structure_issues(ctx, resource), intend)


def _for_delete(ctx: Context, asked: Asked) -> Iterator[Issue]:
    if asked.resource_type is None or asked.resource_id is None:
        raise InvalidRequest("The mode delete needs the URL of a resource: Type/id/$validate.")
    found = ctx.store.get(asked.resource_type, asked.resource_id, to="d")
    if found is None or found.resource is None:
        raise not_found(asked.resource_type, asked.resource_id)
    try:
        ctx.store.require_write(delete_of(ctx, found))
    except FhirError as refusal:
        yield from refusal.issues


def _intended(ctx: Context, asked: Asked, issues: list[Issue], intend: Intend) -> Iterator[Issue]:
    """Yield what the interaction would refuse or remark, without doing it."""
    resource = _sent(asked)
    issues = [*_type_issues(asked, resource), *issues]
    yield from issues
    if _has_errors(issues):
        yield from _by_profiles(ctx, asked, resource, issues)
        return
    is_told = ctx.services.settings.profiles is not ProfilePolicy.OFF
    judge = profiles.judge_asked if is_told else profiles.judge
    yield from judge(ctx, resource, asked=asked.profiles, at=_root(resource))
    try:
        write = intend(resource)
        ctx.store.require_write(write)
    except FhirError as refusal:
        yield from refusal.issues
    else:
        yield from write.remarks if isinstance(write, Put) else ()


def _by_profiles(
    ctx: Context, asked: Asked, resource: JsonObject, issues: Iterable[Issue]
) -> Iterator[Issue]:
    """Yield what profiles find, in what is sound of the resource."""
    part = sound_part(resource, issues, ctx.services.validator.validate)
    if part is None:
        return
    found = profiles.judge(ctx, part.resource, at=_root(resource), asked=asked.profiles)
    yield from filter(part.tells_of, found)


def _has_errors(issues: Iterable[Issue]) -> bool:
    return any(issue.is_error for issue in issues)


def _type_issues(asked: Asked, resource: JsonObject) -> Iterator[Issue]:
    """Yield that the resource is of another type than the URL."""
    if asked.resource_type is None:
        return
    try:
        content.check_type(asked.resource_type, resource)
    except FhirError as refusal:
        yield from (replace(each, expression=_root(resource)) for each in refusal.issues)


def _sent_or_stored(ctx: Context, asked: Asked) -> JsonObject:
    if asked.resource is None and asked.resource_type and asked.resource_id:
        return current(ctx, asked.resource_type, asked.resource_id).content
    return _sent(asked)


def _sent(asked: Asked) -> JsonObject:
    if asked.resource is None:
        raise InvalidRequest(
            "A resource is expected: as the body, or as the parameter resource of Parameters."
        )
    return asked.resource


def _root(resource: JsonObject) -> str:
    return str(resource["resourceType"])


_CHECKS: dict[Mode | None, Callable[[Context, Asked], Iterator[Issue]]] = {
    None: _as_it_is,
    Mode.PROFILE: _as_it_is,
    Mode.CREATE: _for_create,
    Mode.UPDATE: _for_update,
    Mode.DELETE: _for_delete,
}
