"""Find and rewrite the links of a Bundle's resources to what the server assigned.

Where a link stands is told by the definitions, so that a string that only looks like one stays.

https://hl7.org/fhir/R4/http.html#trules
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from psolink.definitions import Definitions
from psolink.definitions.model import TypeDefinition
from psolink.fhir_json import JsonObject

Rewrite = Callable[[str], str]

_REFERENCE = "Reference"
_CONTAINED = "contained"
_LINKS = ("uri", "url")
_VERSION = "/_history/"


@dataclass(frozen=True, slots=True)
class Assigned:
    """What an entry comes to: the reference to its resource, and the version after the transaction."""

    reference: str
    version: int


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What to do with the value of `Reference.reference`, and with that of a uri or url."""

    reference: Rewrite
    link: Rewrite


def is_conditional(reference: str) -> bool:
    """Tell whether a reference names its target by search criteria, like `Patient?identifier=1`."""
    path, criteria, _ = reference.partition("?")
    return bool(criteria) and ":" not in path and not path.startswith("#")


def rewritten(definitions: Definitions, resource: JsonObject, rewriting: Rewriting) -> JsonObject:
    """Return `resource` with its links rewritten.

    Elements of type canonical, oid and uuid, narratives and the data of attachments stay: a
    reference would be no valid canonical, oid or uuid, and the rest is the sender's own wording.
    What a Bundle holds stays, too: it refers for itself, as `literal_references` has it.
    """
    return _Walk(definitions.types, rewriting).resource(resource)


class _Walk:
    """Goes through a resource with the types of its elements at hand."""

    def __init__(self, types: Mapping[str, TypeDefinition], rewriting: Rewriting) -> None:
        self._types = types
        self._rewriting = rewriting

    def resource(self, resource: JsonObject) -> JsonObject:
        name = resource.get("resourceType")
        # What is no type is refused later, with its place.
        definition = self._types.get(name) if isinstance(name, str) else None
        return resource if definition is None else self._object(resource, definition)

    def _object(self, value: JsonObject, definition: TypeDefinition) -> JsonObject:
        return {name: self._property(name, each, definition) for name, each in value.items()}

    def _property(self, name: str, value: Any, definition: TypeDefinition) -> Any:  # noqa: ANN401 - any JSON
        if definition.name == _REFERENCE and name == "reference" and isinstance(value, str):
            return self._rewriting.reference(value)
        if name == _CONTAINED and isinstance(value, list):
            return [self.resource(each) if isinstance(each, dict) else each for each in value]
        if name.startswith("_"):
            return self._value(value, "Element")
        element = definition.elements.get(name)
        return value if element is None else self._value(value, element.type)

    def _value(self, value: Any, type_name: str) -> Any:  # noqa: ANN401 - any JSON
        match value:
            case list():
                return [self._value(each, type_name) for each in value]
            case dict() if "resourceType" in value:
                return value
            case dict() if type_name in self._types:
                return self._object(value, self._types[type_name])
            case str() if type_name in _LINKS:
                return self._rewriting.link(value)
            case _:
                return value


def rewriting_at(full_url: str, assigned: Mapping[str, Assigned]) -> Rewriting:
    """Return the rewriting for an entry at `full_url`.

    `assigned` gives what each fullUrl of the Bundle comes to. A relative reference is read against
    the server base of its own entry's fullUrl; a uri or url only counts where it is a fullUrl.
    https://hl7.org/fhir/R4/bundle.html#references
    """
    base = full_url.rsplit("/", 2)[0] if full_url.startswith(("http://", "https://")) else None

    def rewrite(reference: str) -> str:
        target, _, version = reference.partition(_VERSION)
        found = assigned.get(reference) or assigned.get(target)
        if found is None and base:
            found = assigned.get(f"{base}/{target}")
        if found is None:
            return reference
        # The number is the sender's, who cannot know ours: it stands for the version in the Bundle.
        return f"{found.reference}{_VERSION}{found.version}" if version else found.reference

    def relink(link: str) -> str:
        found = assigned.get(link)
        return link if found is None else found.reference

    return Rewriting(rewrite, relink)
