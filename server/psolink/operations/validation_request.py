"""What a client asks `$validate`: a resource, a mode and profiles, from the body and the query.

https://hl7.org/fhir/R4/resource-operation-validate.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.profiles import Asked as AskedProfiles
from psolink.operations.called import Called

_SIMPLE = ("mode", "profile", "mustSupport")
_RESOURCE = "resource"
_WITH_EXTRAS = "Parameters"


class Mode(StrEnum):
    """https://hl7.org/fhir/R4/valueset-resource-validation-mode.html."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be validated. `at` is the FHIRPath of the resource where it lies in Parameters."""

    resource_type: str | None
    resource_id: str | None
    resource: JsonObject | None
    at: str | None
    mode: Mode | None
    profiles: AskedProfiles


def read_request(ctx: Context, body: JsonObject, called: Called) -> Asked:
    """Return what is asked; raise `InvalidRequest` where that cannot be told."""
    resource, at, sent = _unwrapped(ctx, body, called)
    simple = [*_simple(called.query, "the query"), *_simple(sent, "Parameters.parameter")]
    modes = {text for name, text in simple if name == "mode"}
    if len(modes) > 1:
        raise InvalidRequest(f"One mode is expected, found {', '.join(sorted(modes))}.")
    mode = _mode(next(iter(modes))) if modes else None
    profiles = tuple(text for name, text in simple if name == "profile")
    if mode is Mode.PROFILE and not profiles:
        raise InvalidRequest("The mode profile needs the parameter profile with a canonical URL.")
    must_support = ("mustSupport", "true") in simple
    wanted = AskedProfiles(profiles, must_support)
    return Asked(called.resource_type, called.resource_id, resource, at, mode, wanted)


def _unwrapped(
    ctx: Context, body: JsonObject, called: Called
) -> tuple[JsonObject | None, str | None, JsonObject]:
    """Return the resource, where it lies in the body, and the Parameters without it."""
    if body.get("resourceType") != _WITH_EXTRAS:
        return body, None, {}
    listed = body.get("parameter", [])
    if not isinstance(listed, list):
        raise InvalidRequest("An array of parameters is expected.", "Parameters.parameter")
    found, others = _sorted_out(listed)
    if not found and called.resource_type == _WITH_EXTRAS and not called.is_safe:
        return body, None, {}
    if len(found) > 1:
        raise InvalidRequest("The parameter 'resource' may be given once.", "Parameters.parameter")
    envelope = {name: value for name, value in body.items() if name != "parameter"}
    envelope |= {"parameter": others} if others else {}
    issues = ctx.services.validator.validate(envelope)
    if any(issue.is_error for issue in issues):
        raise InvalidRequest.of(issues)
    if not found:
        return None, None, envelope
    index, resource = found[0]
    return resource, f"Parameters.parameter[{index}].resource", envelope


def _sorted_out(listed: list[object]) -> tuple[list[tuple[int, JsonObject]], list[object]]:
    """Return the resource, whose faults are what is asked for, apart from the other parameters."""
    found: list[tuple[int, JsonObject]] = []
    others: list[object] = []
    for index, each in enumerate(listed):
        match each:
            case {"name": "resource", "resource": {"resourceType": str()} as resource}:
                found.append((index, resource))
            case _:
                others.append(each)
    return found, others


def _simple(parameters: JsonObject, at: str) -> Iterator[tuple[str, str]]:
    for each in parameters.get("parameter", ()):
        name = each["name"]
        if name not in _SIMPLE:
            known = ", ".join((_RESOURCE, *_SIMPLE))
            raise InvalidRequest(f"The parameter {name[:64]!r} is not known; known are {known}.")
        values = [value for key, value in each.items() if key.startswith("value")]
        if len(values) != 1 or not isinstance(values[0], str | bool):
            raise InvalidRequest(f"The parameter {name!r} needs one simple value, in {at}.")
        yield name, values[0] if isinstance(values[0], str) else str(values[0]).lower()


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        known = ", ".join(Mode)
        raise InvalidRequest(f"The mode {text[:64]!r} is not known; known are {known}.") from None
