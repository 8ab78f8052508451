"""Read the Parameters that an operation takes.

https://hl7.org/fhir/R4/parameters.html
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from psolink.definitions import OperationParameter
from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.terminology import parameters
from psolink.terminology.parameters import Given

Parameters = dict[str, JsonObject]
Pairs = Sequence[tuple[str, str]]

_WHOLE_NUMBERS = ("integer", "positiveInt", "unsignedInt")
_INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)


def given(ctx: Context, body: JsonObject) -> Given:
    """Return the values of the parameters by name, each as often as it was sent."""
    _check(ctx, body)
    return parameters.given(body)


def from_query(known: Iterable[OperationParameter], pairs: Pairs) -> JsonObject:
    """Return the Parameters that a query string stands for; `known` says of which types they are.

    https://hl7.org/fhir/R4/operations.html#request
    """
    types = {each.name: each.type for each in known if each.use == "in"}
    return _parameters([_simple(name, text, types.get(name)) for name, text in pairs])


def joined(body: JsonObject, query: JsonObject) -> JsonObject:
    """Return Parameters with those that the query adds."""
    added, sent = query.get("parameter"), body.get("parameter", [])
    return body | {"parameter": [*sent, *added]} if added and isinstance(sent, list) else body


def _parameters(parameters: list[JsonObject]) -> JsonObject:
    return {"resourceType": "Parameters"} | ({"parameter": parameters} if parameters else {})


def _simple(name: str, text: str, kind: str | None) -> JsonObject:
    known: bool | int | str | None = text
    if kind == "boolean":
        known = {"true": True, "false": False}.get(text)
    elif kind in _WHOLE_NUMBERS:
        known = int(text) if _INTEGER.fullmatch(text) else None
    elif kind is not None and not kind[0].islower():
        known = None
    if known is None:
        raise InvalidRequest(f"The parameter {name[:64]!r} cannot be read as {kind} from a query.")
    kind = kind or "string"
    return {"name": name, f"value{kind[0].upper()}{kind[1:]}": known}


def _check(ctx: Context, body: JsonObject) -> None:
    if body.get("resourceType") != "Parameters":
        raise InvalidRequest(
            f"This operation takes Parameters, and the body is {body.get('resourceType')!r}.",
            "resourceType",
        )
    issues = ctx.services.validator.validate(body)
    if any(issue.is_error for issue in issues):
        raise InvalidRequest.of(issues)


def read_parameters(ctx: Context, body: JsonObject, allowed: frozenset[str]) -> Parameters:
    """Return the parameters by name; raise `InvalidRequest` on unknown or repeated ones."""
    _check(ctx, body)
    found: Parameters = {}
    for index, each in enumerate(body.get("parameter", ())):
        name, at = each["name"], f"Parameters.parameter[{index}]"
        if name not in allowed:
            raise _unknown(name, allowed, at)
        if name in found:
            raise InvalidRequest(f"The parameter {name!r} may be given once.", at)
        found[name] = each
    return found


def as_pairs(ctx: Context, body: JsonObject, allowed: frozenset[str] | None = None) -> Pairs:
    """Return names and values as a query has them; raise where one is not simple or not known.

    Without `allowed` it is the caller who knows the names.
    """
    _check(ctx, body)
    return [
        _pair(each, allowed, f"Parameters.parameter[{index}]")
        for index, each in enumerate(body.get("parameter", ()))
    ]


def _pair(parameter: JsonObject, allowed: frozenset[str] | None, at: str) -> tuple[str, str]:
    name = parameter["name"]
    if allowed is not None and name not in allowed:
        raise _unknown(name, allowed, at)
    content = next((each for key, each in parameter.items() if key.startswith("value")), None)
    match content:
        case bool():
            return name, str(content).lower()
        case str() | int():
            return name, str(content)
        case _:
            raise InvalidRequest(f"The parameter {name!r} needs a simple value.", at)


def _unknown(name: str, allowed: frozenset[str], at: str) -> InvalidRequest:
    known = ", ".join(sorted(allowed)) or "none"
    return InvalidRequest(f"The parameter {name[:64]!r} is not known; known are {known}.", at)


def value(sent: Parameters, name: str, kind: str) -> Any:  # noqa: ANN401 - any FHIR type
    """Return the value of a parameter, None where it is absent; raise where it is of another type."""
    found = sent.get(name)
    if found is None:
        return None
    if kind not in found:
        raise InvalidRequest(f"The parameter {name!r} needs {kind}.", "Parameters.parameter")
    return found[kind]


def resource_of(ctx: Context, body: JsonObject, name: str, resource_type: str) -> JsonObject:
    """Return the resource that is the body itself or its one parameter `name`."""
    if body.get("resourceType") == resource_type:
        return body
    sent = read_parameters(ctx, body, frozenset({name})).get(name, {}).get("resource", {})
    if sent.get("resourceType") != resource_type:
        raise InvalidRequest(
            f"A {resource_type} is expected, as the body or as the parameter {name!r}.",
            "Parameters.parameter",
        )
    resource: JsonObject = sent
    return resource
