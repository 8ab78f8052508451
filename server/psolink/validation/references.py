"""References: their syntax, and the resource types that they may point at.

https://hl7.org/fhir/R4/references.html
"""

import re
from collections.abc import Callable

from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode
from psolink.validation.forms import is_referred_urn
from psolink.validation.scope import At, Scope
from psolink.validation.wording import article, listed, nearest, show

ReferenceCheck = Callable[[JsonObject, At, Scope], None]

_ID = r"[A-Za-z0-9\-.]{1,64}"
_TYPE_AND_ID = rf"([A-Za-z]+)/{_ID}(?:/_history/{_ID})?(?:#\S*)?"
_LITERAL = re.compile(_TYPE_AND_ID)
_RELATIVE = re.compile(rf"{_TYPE_AND_ID}|([A-Za-z]+)\?[^\s=&]+=\S*")
_RESTFUL_URL = re.compile(rf"https?://\S+?/{_TYPE_AND_ID}")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_FORMS = (
    "send Type/id, an absolute URL, urn:uuid: or urn:oid:, #id of a contained resource, "
    "or in a transaction Type?criteria"
)


class References:
    """Checks references against the resource types of R4."""

    def __init__(self, resource_types: frozenset[str]) -> None:
        self._types = resource_types

    def check_to(self, targets: frozenset[str]) -> ReferenceCheck:
        """Return the check of a Reference that may point at `targets`; empty means any type."""
        allowed = targets or self._types

        def check(reference: JsonObject, at: At, scope: Scope) -> None:
            literal = reference.get("reference")
            if isinstance(literal, str) and "type" not in reference:
                # Nearly all references end here.
                match = _LITERAL.fullmatch(literal)
                if match is not None and match[1] in allowed:
                    return
            self._check(reference, allowed, at, scope)

        return check

    def check_canonical(self, canonical: str, at: At, scope: Scope) -> None:
        """Note a canonical that points at no contained resource."""
        self._contained_type(canonical, at, scope)

    def _check(self, reference: JsonObject, allowed: frozenset[str], at: At, scope: Scope) -> None:
        literal, declared = reference.get("reference"), reference.get("type")
        found = None
        if isinstance(literal, str) and literal.strip():
            found = self._literal_type(literal, (at, "reference", None), scope)
        if found is not None and found not in allowed:
            scope.add(IssueCode.VALUE, at, _target_fault(found, allowed))
        if isinstance(declared, str) and declared.strip():
            self._check_declared(declared, found, allowed, at, scope)

    def _check_declared(
        self, declared: str, found: str | None, allowed: frozenset[str], at: At, scope: Scope
    ) -> None:
        place: At = (at, "type", None)
        if _ABSOLUTE.fullmatch(declared):
            diagnostics = (
                f"Expected the name of a resource type, found {show(declared)}; "
                "a URL is for logical models only."
            )
            scope.add(IssueCode.VALUE, place, diagnostics)
        elif declared not in self._types:
            scope.add(IssueCode.VALUE, place, self._unknown_type(declared))
        elif found is not None and found != declared:
            diagnostics = f"The type is {declared}, and the reference is to {article(found)}."
            scope.add(IssueCode.VALUE, place, f"{diagnostics} Correct one of them.")
        elif declared not in allowed:
            scope.add(IssueCode.VALUE, place, _target_fault(declared, allowed))

    def _literal_type(self, literal: str, at: At, scope: Scope) -> str | None:
        """Return the type that a literal reference is to, as far as it says so."""
        if literal.startswith("#"):
            return self._contained_type(literal, at, scope)
        if literal in scope.entries:
            return scope.entries[literal]
        relative = _RELATIVE.fullmatch(literal)
        if relative:
            return self._known_type(relative[1] or relative[2], at, scope)
        if not _ABSOLUTE.fullmatch(literal) or (
            literal.startswith("urn:") and not is_referred_urn(literal)
        ):
            diagnostics = f"{show(literal)} is no reference; {_FORMS}."
            scope.add(IssueCode.VALUE, at, diagnostics)
            return None
        restful = _RESTFUL_URL.fullmatch(literal)
        return restful[1] if restful and restful[1] in self._types else None

    def _known_type(self, name: str, at: At, scope: Scope) -> str | None:
        if name in self._types:
            return name
        scope.add(IssueCode.VALUE, at, self._unknown_type(name))
        return None

    def _unknown_type(self, name: str) -> str:
        meant = nearest(name, self._types)
        advice = f"Did you mean {meant}?" if meant else "Send one of FHIR R4's."
        return f"{show(name)} is not a resource type. {advice}"

    def _contained_type(self, literal: str, at: At, scope: Scope) -> str | None:
        if literal not in scope.contained or (literal == "#" and not scope.is_contained):
            there = listed(scope.contained.keys() - {"#"})
            hint = f"Contained are {there}." if there else "Nothing is contained."
            diagnostics = (
                f"There is no contained resource for {show(literal)}; "
                f"contain one with this id, or refer to one outside. {hint}"
            )
            scope.add(IssueCode.NOT_FOUND, at, diagnostics)
            return None
        return scope.contained[literal]


def _target_fault(found: str, allowed: frozenset[str]) -> str:
    return f"A reference to {article(found)} is not allowed here, only to {listed(allowed)}."
