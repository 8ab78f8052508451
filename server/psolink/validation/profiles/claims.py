"""Which profiles a resource, and each resource inside it, says that it keeps.

https://hl7.org/fhir/R4/resource.html#Meta
"""

from collections.abc import Iterator
from dataclasses import dataclass

from psolink.fhir_json import JsonObject

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A resource, its FHIRPath, and a profile that its meta names; `index` is its place there."""

    resource: JsonObject
    at: str
    profile: str
    index: int

    @property
    def place(self) -> str:
        """The FHIRPath of the claim itself."""
        return f"{self.at}.meta.profile[{self.index}]"


def claims(resource: JsonObject, at: str, *, depth: int = 0) -> Iterator[Claim]:
    """Yield what is claimed by a resource and those that it contains or carries."""
    for index, profile in enumerate(_profiles(resource)):
        if isinstance(profile, str):
            yield Claim(resource, at, profile, index)
    if depth < _DEEPEST:
        for inner, place in _inner(resource, at):
            # Without a type it is no resource, which the rules of structure tell.
            if isinstance(inner.get("resourceType"), str):
                yield from claims(inner, place, depth=depth + 1)


def _profiles(resource: JsonObject) -> list[object]:
    match resource:
        case {"meta": {"profile": [*profiles]}}:
            return profiles
    return []


def _inner(resource: JsonObject, at: str) -> Iterator[tuple[JsonObject, str]]:
    for index, each in _objects(resource, "contained"):
        yield each, f"{at}.contained[{index}]"
    if resource.get("resourceType") == "Bundle":
        for index, entry in _objects(resource, "entry"):
            if isinstance(entry.get("resource"), dict):
                yield entry["resource"], f"{at}.entry[{index}].resource"


def _objects(owner: JsonObject, name: str) -> Iterator[tuple[int, JsonObject]]:
    values = owner.get(name)
    for index, each in enumerate(values if isinstance(values, list) else ()):
        if isinstance(each, dict):
            yield index, each
