"""Properties that are no element: companions of primitives, and what does not belong.

https://hl7.org/fhir/R4/json.html#primitive
"""

from psolink.definitions import Element, TypeDefinition
from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode
from psolink.validation.primitives import ELEMENT_ID, PRIMITIVES, fault
from psolink.validation.properties import has_item, list_fault
from psolink.validation.scope import At, Scope, child
from psolink.validation.structure import TypeCheck
from psolink.validation.wording import listed, nearest, show_name


class IrregularProperties:
    """Checks the properties of one type that are not the name of an element."""

    def __init__(self, definition: TypeDefinition, element_check: TypeCheck) -> None:
        self._definition = definition
        self._element_check = element_check

    def check(self, name: str, item: object, owner: JsonObject, at: At, scope: Scope) -> None:
        """Note a property that does not belong, or what is wrong with a companion."""
        element = self._definition.elements.get(name[1:]) if name.startswith("_") else None
        if element is None or element.type not in PRIMITIVES:
            scope.add(IssueCode.STRUCTURE, child(at, name), _unknown(self._definition, name))
        elif element.is_list:
            self._check_list(element, item, owner.get(element.name), at, scope)
        else:
            place: At = (at, element.choice_of or element.name, None)
            self._check_one(item, place, scope, has_value=element.name in owner)

    def _check_list(
        self, element: Element, items: object, values: object, at: At, scope: Scope
    ) -> None:
        name = element.name
        if not isinstance(items, list) or not items:
            scope.add(IssueCode.STRUCTURE, (at, name, None), f"_{name}: {list_fault(items)}")
            return
        if isinstance(values, list) and len(values) != len(items):
            diagnostics = (
                f"{name} has {len(values)} items and _{name} has {len(items)}; "
                "fill the shorter one with null."
            )
            scope.add(IssueCode.STRUCTURE, (at, name, None), diagnostics)
        for index, item in enumerate(items):
            place: At = (at, name, index)
            if item is not None:
                self._check_one(item, place, scope, has_value=has_item(values, index))
            elif not isinstance(values, list):
                diagnostics = f"There is neither a value in {name} nor an extension in _{name}."
                scope.add(IssueCode.STRUCTURE, place, diagnostics)

    def _check_one(self, item: object, at: At, scope: Scope, *, has_value: bool) -> None:
        match item:
            # Where there is a value, an id alone says something.
            case {"id": element_id, **others} if has_value and not others:
                if not ELEMENT_ID.accept(element_id):
                    scope.add(IssueCode.VALUE, (at, "id", None), fault(ELEMENT_ID, element_id))
            case _:
                self._element_check.check(item, at, scope)


def _unknown(definition: TypeDefinition, name: str) -> str:
    lead = f"{definition.name} has no element {show_name(name)}"
    if name in definition.choices:
        names = (each.name for each in definition.choices[name])
        return f"{definition.name}.{name} is a choice of types; send one of {listed(names)}."
    if name.startswith("_") and name[1:] in definition.elements:
        return f"{lead}: only primitives have one; put the extension into {name[1:]}."
    meant = nearest(name.lstrip("_"), definition.elements)
    if meant:
        return f"{lead}; did you mean {meant}?"
    return f"{lead}; remove it, or send it as an extension."
