"""Contained resources that are referred to, found in one walk.

dom-3 (https://hl7.org/fhir/R4/domainresource.html) looks through the whole resource for each
contained one. Where plain references settle the matter, which is nearly always, this does it first.
"""

from collections.abc import Iterator
from typing import Any

from psolink.fhir_json import JsonObject


def are_all_referred_to(resource: JsonObject) -> bool:
    """Tell whether a Reference leads to each contained resource, or from it to the container."""
    contained = resource.get("contained")
    if not isinstance(contained, list):
        return False
    referred = set(_references(resource))
    return all(
        isinstance(each, dict)
        and (f"#{each.get('id')}" in referred or "#" in set(_references(each)))
        for each in contained
    )


def unmentioned(resource: JsonObject) -> list[int]:
    """Return which contained resources nothing speaks of, if those are why dom-3 does not hold.

    A canonical may lead to one as well, so that any string is looked at.
    """
    contained: list[JsonObject] = resource["contained"]
    said = {name: set(_strings(value)) for name, value in resource.items() if name != "contained"}
    outside = set().union(*said.values())
    inside = [set(_strings(each)) for each in contained]
    return [
        index
        for index, each in enumerate(contained)
        if "#" not in inside[index]
        and f"#{each.get('id')}" not in outside.union(*inside[:index], *inside[index + 1 :])
    ]


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        literal = value.get("reference")
        if isinstance(literal, str):
            yield literal
        for each in value.values():
            if isinstance(each, dict | list):
                yield from _references(each)
    else:
        for each in value:
            if isinstance(each, dict | list):
                yield from _references(each)
