"""Compile the tables of R4 into checks, each type when it is first met."""

from collections.abc import Iterator
from functools import partial

from psolink.definitions import Definitions, Element, TypeDefinition
from psolink.outcome import IssueCode
from psolink.validation import narrative
from psolink.validation.bindings import Codes, check_concept, code_fault, required_codes
from psolink.validation.forms import Accept
from psolink.validation.irregular import IrregularProperties
from psolink.validation.primitives import ELEMENT_ID, PRIMITIVES, Primitive, fault
from psolink.validation.properties import (
    PropertyCheck,
    ValueCheck,
    any_value,
    many_primitives,
    many_values,
    one_primitive,
    one_value,
)
from psolink.validation.references import References
from psolink.validation.resources import Resources
from psolink.validation.scope import At, Scope
from psolink.validation.structure import (
    Plan,
    Rule,
    TypeCheck,
    attachment_rule,
    choice_rule,
    extension_rule,
    required_rule,
)
from psolink.validation.wording import article, listed

_OWN_RULES = {"Attachment": attachment_rule, "Extension": extension_rule}


class Compiler:
    """Makes the checks of types from their definitions, and keeps them."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._references = References(definitions.resource_types)
        self._checks: dict[str, TypeCheck] = {}
        self.resources = Resources(definitions, self.type_check)

    def type_check(self, name: str) -> TypeCheck:
        """Return the check of a type; two threads that ask at once may make it twice."""
        found = self._checks.get(name)
        if found is None:
            found = self._checks[name] = TypeCheck(name, self._plan)
        return found

    def _plan(self, name: str) -> Plan:
        definition = self._definitions.types[name]
        properties = {each.name: self._property(each) for each in definition.elements.values()}
        if definition.kind == "resource":
            properties["resourceType"] = any_value
        irregular = IrregularProperties(definition, self.type_check("Element"))
        accepts = {
            each.name: self._primitive(each)[0]
            for each in definition.elements.values()
            if each.type in PRIMITIVES and not each.is_list
        }
        return Plan(accepts, properties, irregular.check, tuple(self._rules(definition)))

    def _rules(self, definition: TypeDefinition) -> Iterator[Rule]:
        required = {
            each.name: f"{definition.name}.{each.name} is required; {self._wanted(each)}"
            for each in definition.elements.values()
            if each.min > 0 and each.choice_of is None
        }
        if required:
            yield required_rule(required)
        for name, elements in definition.choices.items():
            yield choice_rule(name, elements)
        if definition.name in _OWN_RULES:
            yield _OWN_RULES[definition.name]

    def _wanted(self, element: Element) -> str:
        codes = required_codes(self._definitions, element)
        if codes is not None:
            return f"send {article(element.type)}. {codes.advice(None)}"
        if element.type in PRIMITIVES:
            return f"send {PRIMITIVES[element.type].expected}."
        if element.targets:
            return f"send a Reference to {listed(element.targets)}."
        is_backbone = "." in element.type
        return "send at least one." if is_backbone else f"send {article(element.type)}."

    def _property(self, element: Element) -> PropertyCheck:
        path_name = element.choice_of or element.name
        if element.type in PRIMITIVES:
            accept, explain = self._primitive(element)
            many, one = many_primitives, one_primitive
            return (many if element.is_list else one)(path_name, accept, explain)
        value_check = self._value(element)
        return (many_values if element.is_list else one_value)(path_name, value_check)

    def _primitive(self, element: Element) -> tuple[Accept, ValueCheck]:
        if element.type == "xhtml":
            return _is_narrative, _explain_narrative
        if element.type == "canonical":
            return PRIMITIVES["canonical"].accept, self._explain_canonical
        if element.type == "string" and element.name == "id":
            return ELEMENT_ID.accept, partial(_explain, ELEMENT_ID)
        primitive = PRIMITIVES[element.type]
        codes = required_codes(self._definitions, element)
        if codes is not None:
            return codes.has, partial(_explain_code, primitive, codes)
        return primitive.accept, partial(_explain, primitive)

    def _explain_canonical(self, value: object, at: At, scope: Scope) -> None:
        if isinstance(value, str) and value.startswith("#"):
            self._references.check_canonical(value, at, scope)
        else:
            _explain(PRIMITIVES["canonical"], value, at, scope)

    def _value(self, element: Element) -> ValueCheck:
        if element.type == "Resource":
            is_contained = element.name == "contained"
            return self.resources.check_contained if is_contained else self.resources.check
        check = self.type_check(element.profile or element.type).check
        rule = self._rule(element)
        return _with_rule(check, rule) if rule else check

    def _rule(self, element: Element) -> Rule | None:
        if element.type == "Reference":
            return self._references.check_to(frozenset(element.targets))
        codes = required_codes(self._definitions, element)
        return partial(check_concept, codes) if codes is not None else None


def _with_rule(check_value: ValueCheck, rule: Rule) -> ValueCheck:
    def check(value: object, at: At, scope: Scope) -> None:
        check_value(value, at, scope)
        if isinstance(value, dict):
            rule(value, at, scope)

    return check


def _explain(primitive: Primitive, value: object, at: At, scope: Scope) -> None:
    is_shape = value is None or isinstance(value, list | dict)
    scope.add(IssueCode.STRUCTURE if is_shape else IssueCode.VALUE, at, fault(primitive, value))


def _explain_code(primitive: Primitive, codes: Codes, value: object, at: At, scope: Scope) -> None:
    if isinstance(value, str) and primitive.accept(value):
        scope.add(IssueCode.CODE_INVALID, at, code_fault(codes, value))
    else:
        _explain(primitive, value, at, scope)


def _is_narrative(value: object) -> bool:
    return isinstance(value, str) and next(narrative.faults(value), None) is None


def _explain_narrative(value: object, at: At, scope: Scope) -> None:
    if not isinstance(value, str):
        _explain(PRIMITIVES["xhtml"], value, at, scope)
        return
    for each in narrative.faults(value):
        scope.add(IssueCode.INVALID, at, each)
