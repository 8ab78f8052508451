"""The structure of a type: its elements, and what must hold for all of them together.

https://hl7.org/fhir/R4/json.html#object
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from psolink.definitions import Element
from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode
from psolink.validation.forms import Accept, decoded_size, is_base64, is_unsigned
from psolink.validation.primitives import PRIMITIVES
from psolink.validation.properties import PropertyCheck
from psolink.validation.scope import At, Scope
from psolink.validation.wording import listed, show

Rule = Callable[[JsonObject, At, Scope], None]
_ONLY_ID = {"id"}
# Where a string stands for an object, which of its properties it probably is.
_WRAPPED = {
    "Annotation": "text",
    "CodeableConcept": "text",
    "Coding": "code",
    "HumanName": "text",
    "Identifier": "value",
    "Reference": "reference",
}

Irregular = Callable[[str, object, JsonObject, At, Scope], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """A type, compiled.

    `accepts` has the primitives that come once, and is asked first: most values end there. What it
    does not take goes to `properties`. `irregular` takes the properties that are no element:
    companions of primitives, and faults.
    """

    accepts: Mapping[str, Accept]
    properties: Mapping[str, PropertyCheck]
    irregular: Irregular
    rules: tuple[Rule, ...]


class TypeCheck:
    """Checks values of one type; it is compiled when first used, because types are recursive."""

    __slots__ = ("_compile", "_plan", "name")

    def __init__(self, name: str, compile_plan: Callable[[str], Plan]) -> None:
        self.name = name
        self._compile = compile_plan
        self._plan: Plan | None = None

    def check(self, value: object, at: At, scope: Scope) -> None:
        """Note what is wrong with a value that must be an object with content."""
        if not isinstance(value, dict) or (len(value) <= 1 and value.keys() <= _ONLY_ID):
            scope.add(IssueCode.STRUCTURE, at, self._shape_fault(value))
            return
        plan = self._plan
        if plan is None:
            plan = self._plan = self._compile(self.name)
        accepts, properties = plan.accepts, plan.properties
        for name, item in value.items():
            accept = accepts.get(name)
            if accept is None or not accept(item):
                check = properties.get(name)
                if check is None:
                    plan.irregular(name, item, value, at, scope)
                else:
                    check(item, value, at, scope)
        for rule in plan.rules:
            rule(value, at, scope)

    def _shape_fault(self, value: object) -> str:
        if isinstance(value, dict):
            return "An element needs a value or children; leave it out where it has none."
        found = f"found {show(value)}"
        if isinstance(value, list):
            return f"Expected one {self.name} object, {found}; send it without brackets."
        wrapped = _WRAPPED.get(self.name)
        if wrapped is not None and isinstance(value, str) and value.strip():
            return (
                f'Expected an object ({self.name}), {found}; send {{"{wrapped}": {show(value)}}}.'
            )
        return f"Expected an object ({self.name}), {found}."


def required_rule(required: Mapping[str, str]) -> Rule:
    """Return the rule that all of `required` are there; its values say what to send."""

    def check(owner: JsonObject, at: At, scope: Scope) -> None:
        for name, advice in required.items():
            if name not in owner and f"_{name}" not in owner:
                scope.add(IssueCode.REQUIRED, (at, name, None), advice)

    return check


def choice_rule(name: str, elements: tuple[Element, ...]) -> Rule:
    """Return the rule that a choice element comes once, or at most once, in one of its types."""
    names = frozenset(each.name for each in elements)
    companions = frozenset(f"_{each.name}" for each in elements if each.type in PRIMITIVES)
    properties = names | companions
    is_required = elements[0].min > 0

    def check(owner: JsonObject, at: At, scope: Scope) -> None:
        present = owner.keys() & properties
        if len(present) > 1:
            chosen = {each.lstrip("_") for each in present}
            if len(chosen) > 1:
                diagnostics = f"Only one of {name}[x] is allowed, found {listed(chosen)}."
                scope.add(IssueCode.STRUCTURE, (at, name, None), diagnostics)
        elif is_required and not present:
            diagnostics = f"{name}[x] is required; send one of {listed(names)}."
            scope.add(IssueCode.REQUIRED, (at, name, None), diagnostics)

    return check


def attachment_rule(attachment: JsonObject, at: At, scope: Scope) -> None:
    """Note a size that is not that of the content beside it."""
    content, size = attachment.get("data"), attachment.get("size")
    if not is_unsigned(size) or not is_base64(content):
        return
    found = decoded_size(str(content))
    if size != found:
        bytes_ = "1 byte" if found == 1 else f"{found} bytes"
        diagnostics = f"The size is {size}, and the data has {bytes_}; correct one of them."
        scope.add(IssueCode.VALUE, (at, "size", None), diagnostics)


def extension_rule(extension: JsonObject, at: At, scope: Scope) -> None:
    """Note an extension with both a value and extensions of its own, or neither (ext-1)."""
    has_extensions = "extension" in extension
    has_value = any(name.startswith(("value", "_value")) for name in extension)
    if has_extensions and has_value:
        diagnostics = "An extension has a value or extensions of its own, not both; remove one."
        scope.add(IssueCode.EXTENSION, at, diagnostics)
    elif not has_extensions and not has_value:
        diagnostics = "An extension needs a value, such as valueString, or extensions of its own."
        scope.add(IssueCode.EXTENSION, at, diagnostics)
