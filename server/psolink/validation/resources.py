"""A resource, on its own or inside another one.

https://hl7.org/fhir/R4/references.html#contained
"""

from collections.abc import Callable

from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode
from psolink.validation import full_urls
from psolink.validation.scope import At, Scope, Types
from psolink.validation.structure import TypeCheck
from psolink.validation.wording import nearest, show


class Resources:
    """Checks resources of any type."""

    def __init__(self, definitions: Definitions, type_check: Callable[[str], TypeCheck]) -> None:
        self._definitions = definitions
        self._type_check = type_check

    def check(self, value: object, at: At, scope: Scope) -> None:
        """Note what is wrong with a resource that stands for itself."""
        resource = self._typed(value, at, scope)
        if resource is not None:
            inner = scope.enter(self._contained_types(resource, at, scope))
            self._check_content(resource, at, inner)

    def check_contained(self, value: object, at: At, scope: Scope) -> None:
        """Note what is wrong with a contained resource."""
        resource = self._typed(value, at, scope)
        if resource is None:
            return
        if "id" not in resource:
            diagnostics = "A contained resource needs an id, by which the resource refers to it."
            scope.add(IssueCode.REQUIRED, (at, "id", None), diagnostics)
        if "contained" in resource:
            diagnostics = "A contained resource cannot contain others; contain them beside it."
            scope.add(IssueCode.STRUCTURE, (at, "contained", None), diagnostics)
        self._check_content(resource, at, scope.enter(scope.contained, is_contained=True))

    def _check_content(self, resource: JsonObject, at: At, scope: Scope) -> None:
        name = resource["resourceType"]
        if name != "Bundle":
            self._type_check(name).check(resource, at, scope)
            return
        self._type_check(name).check(resource, at, scope.within_bundle(self._entry_types(resource)))
        full_urls.check(resource, at, scope)

    def _typed(self, value: object, at: At, scope: Scope) -> JsonObject | None:
        """Return the resource if there is a type to check it by, and note it if not."""
        if not isinstance(value, dict):
            diagnostics = f"Expected a resource, an object with resourceType, found {show(value)}."
            scope.add(IssueCode.STRUCTURE, at, diagnostics)
            return None
        name = value.get("resourceType")
        if isinstance(name, str) and name in self._definitions.resource_types:
            return value
        code = IssueCode.STRUCTURE if "resourceType" in value else IssueCode.REQUIRED
        scope.add(code, (at, "resourceType", None), self._type_fault(value))
        return None

    def _type_fault(self, resource: JsonObject) -> str:
        if "resourceType" not in resource:
            return "resourceType is required and missing; send the name of a resource type."
        name = resource["resourceType"]
        if not isinstance(name, str):
            return f"Expected the name of a resource type, found {show(name)}."
        if name in self._definitions.types and self._definitions.types[name].abstract:
            return f"{name} is abstract; send the name of a type that can be instantiated."
        meant = nearest(name, self._definitions.resource_types)
        advice = f"Did you mean {meant}?" if meant else "Send one of FHIR R4's."
        return f"{show(name)} is not a resource type. {advice}"

    def _contained_types(self, resource: JsonObject, at: At, scope: Scope) -> Types:
        types: dict[str, str | None] = {"#": resource["resourceType"]}
        contained = resource.get("contained")
        for index, each in enumerate(contained if isinstance(contained, list) else ()):
            if isinstance(each, dict) and isinstance(each.get("id"), str):
                literal = f"#{each['id']}"
                if literal in types:
                    place: At = ((at, "contained", index), "id", None)
                    diagnostics = f"The id {show(each['id'])} is taken; give each its own."
                    scope.add(IssueCode.VALUE, place, diagnostics)
                types[literal] = self.known(each.get("resourceType"))
        return types

    def _entry_types(self, bundle: JsonObject) -> Types:
        types: dict[str, str | None] = {}
        entries = bundle.get("entry")
        for entry in entries if isinstance(entries, list) else ():
            match entry:
                case {"fullUrl": str(url), "resource": {"resourceType": name}}:
                    types[url] = self.known(name)
        return types

    def known(self, name: object) -> str | None:
        """Return the name if it is that of a resource type."""
        is_known = isinstance(name, str) and name in self._definitions.resource_types
        return str(name) if is_known else None
