"""Rewrite the references of a Bundle's resources to what the server assigned.

https://hl7.org/fhir/R4/http.html#trules
"""

from collections.abc import Callable, Iterator
from typing import Any

Rewrite = Callable[[str], str]


def literals(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Return every literal reference in `value`."""
    if isinstance(value, dict):
        found = value.get("reference")
        if isinstance(found, str):
            yield found
        for each in value.values():
            yield from literals(each)
    elif isinstance(value, list):
        for each in value:
            yield from literals(each)


def is_conditional(reference: str) -> bool:
    """Tell whether a reference names its target by search criteria, like `Patient?identifier=1`."""
    path, criteria, _ = reference.partition("?")
    return bool(criteria) and ":" not in path and not path.startswith("#")


def rewritten(value: Any, rewrite: Rewrite) -> Any:  # noqa: ANN401 - any JSON
    """Return `value` with every literal reference passed through `rewrite`; share what stays."""
    if isinstance(value, dict):
        return {
            name: rewrite(each)
            if name == "reference" and isinstance(each, str)
            else rewritten(each, rewrite)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [rewritten(each, rewrite) for each in value]
    return value


def resolver(full_url: str, assigned: dict[str, str]) -> Rewrite:
    """Return the rewriting for an entry at `full_url`.

    `assigned` gives the new reference for each fullUrl of the Bundle. A relative reference is
    read against the server base of its own entry's fullUrl.
    https://hl7.org/fhir/R4/bundle.html#references
    """
    base = full_url.rsplit("/", 2)[0] if full_url.startswith(("http://", "https://")) else None

    def rewrite(reference: str) -> str:
        target, _, version = reference.partition("/_history/")
        if reference in assigned:
            return assigned[reference]
        if version and target in assigned:
            return assigned[target]
        return assigned.get(f"{base}/{reference}", reference) if base else reference

    return rewrite
