"""Resources within resources, which nobody labels.

An event inside a Bundle, Parameters or another resource would be work product that looks like
ordinary data.
"""

from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode
from psolink.pswp import labels

_CONTAINERS = ("Bundle", "Parameters")


def check(resource: JsonObject, *, at: str) -> Iterator[Issue]:
    """Yield an issue for each resource inside that is, or must be treated as, work product."""
    if resource["resourceType"] not in _CONTAINERS and "contained" not in resource:
        return
    for path, inner in _inside(resource, at):
        if labels.is_pswp(inner):
            yield Issue(
                IssueCode.BUSINESS_RULE,
                f"Work product, here of type {inner['resourceType']}, cannot be kept inside another "
                "resource: send it as a resource of its own, in a transaction with this one.",
                path,
            )


def _inside(value: object, at: str) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(value, dict):
        for name, each in value.items():
            path = f"{at}.{name}"
            if isinstance(each, dict) and isinstance(each.get("resourceType"), str):
                yield path, each
            yield from _inside(each, path)
    elif isinstance(value, list):
        for position, each in enumerate(value):
            path = f"{at}[{position}]"
            if isinstance(each, dict) and isinstance(each.get("resourceType"), str):
                yield path, each
            yield from _inside(each, path)
