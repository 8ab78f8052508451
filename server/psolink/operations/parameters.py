"""Read the Parameters that an operation takes.

https://hl7.org/fhir/R4/parameters.html
"""

from typing import Any

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context

Parameters = dict[str, JsonObject]


def read_parameters(ctx: Context, body: JsonObject, allowed: frozenset[str]) -> Parameters:
    """Return the parameters by name; raise `InvalidRequest` on unknown or repeated ones."""
    if body.get("resourceType") != "Parameters":
        raise InvalidRequest(
            f"This operation takes Parameters, and the body is {body.get('resourceType')!r}.",
            "resourceType",
        )
    issues = ctx.services.validator.validate(body)
    if any(issue.is_error for issue in issues):
        raise InvalidRequest.of(issues)
    found: Parameters = {}
    for index, each in enumerate(body.get("parameter", ())):
        name, at = each["name"], f"Parameters.parameter[{index}]"
        if name not in allowed:
            known = ", ".join(sorted(allowed))
            raise InvalidRequest(f"The parameter {name!r} is not known; known are {known}.", at)
        if name in found:
            raise InvalidRequest(f"The parameter {name!r} may be given once.", at)
        found[name] = each
    return found


def value(parameters: Parameters, name: str, kind: str) -> Any:  # noqa: ANN401 - any FHIR type
    """Return the value of a parameter, None where it is absent; raise where it is of another type."""
    given = parameters.get(name)
    if given is None:
        return None
    if kind not in given:
        raise InvalidRequest(f"The parameter {name!r} needs {kind}.", "Parameters.parameter")
    return given[kind]


def resource_of(ctx: Context, body: JsonObject, name: str, resource_type: str) -> JsonObject:
    """Return the resource that is the body itself or its one parameter `name`."""
    if body.get("resourceType") == resource_type:
        return body
    given = read_parameters(ctx, body, frozenset({name})).get(name, {}).get("resource", {})
    if given.get("resourceType") != resource_type:
        raise InvalidRequest(
            f"A {resource_type} is expected, as the body or as the parameter {name!r}.",
            "Parameters.parameter",
        )
    resource: JsonObject = given
    return resource
