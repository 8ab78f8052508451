"""Required bindings: the codes that an element may have.

https://hl7.org/fhir/R4/terminologies.html#required
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from psolink.definitions import Definitions, Element
from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode
from psolink.validation.scope import At, Scope
from psolink.validation.special_codes import GRAMMARS, LANGUAGES, Grammar
from psolink.validation.wording import listed, nearest, show

# R4 requires no codes of a Coding, a Quantity or a string.
_CODED = ("code", "CodeableConcept")
_ALL_LANGUAGES = "http://hl7.org/fhir/ValueSet/all-languages"


class Codes(Protocol):
    """The codes of a value set."""

    def has(self, code: object) -> bool:
        """Tell whether a code without its system is one of them."""
        ...

    def has_coding(self, system: object, code: object) -> bool:
        """Tell whether a code of a system is one of them."""
        ...

    def system_of(self, code: object) -> str | None:
        """Return the system of a code that is one of them."""
        ...

    def advice(self, code: object) -> str:
        """Return what to send instead of `code`, as a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class ListedCodes:
    """A value set as the list of its codes, by system."""

    systems: Mapping[str, frozenset[str]]
    codes: frozenset[str]

    def has(self, code: object) -> bool:
        """Tell whether a code without its system is one of them."""
        return isinstance(code, str) and code in self.codes

    def has_coding(self, system: object, code: object) -> bool:
        """Tell whether a code of a system is one of them."""
        if not isinstance(code, str) or not isinstance(system, str):
            return False
        return code in self.systems.get(system, frozenset())

    def system_of(self, code: object) -> str | None:
        """Return the system of a code that is one of them."""
        if not self.has(code):
            return None
        return next(system for system, codes in self.systems.items() if code in codes)

    def advice(self, code: object) -> str:
        """Return what to send instead of `code`, as a sentence."""
        meant = nearest(code, self.codes) if isinstance(code, str) else None
        return f"Did you mean {meant}?" if meant else f"Allowed are {listed(self.codes)}."


@dataclass(frozen=True, slots=True)
class RuledCodes:
    """A value set as a rule that its codes follow."""

    grammar: Grammar

    def has(self, code: object) -> bool:
        """Tell whether a code without its system is one of them."""
        return isinstance(code, str) and self.grammar.has(code)

    def has_coding(self, system: object, code: object) -> bool:
        """Tell whether a code of a system is one of them."""
        return system == self.grammar.system and self.has(code)

    def system_of(self, code: object) -> str | None:
        """Return the system of a code that is one of them."""
        return self.grammar.system if self.has(code) else None

    def advice(self, _code: object) -> str:
        """Return what to send instead, as a sentence."""
        return f"Send {self.grammar.expected}."


def required_codes(definitions: Definitions, element: Element) -> Codes | None:
    """Return the codes that a code or CodeableConcept is obliged to; None if there are none."""
    binding = element.binding
    if binding is None or element.type not in _CODED:
        return None
    if element.type == "code" and binding.max_value_set == _ALL_LANGUAGES:
        return RuledCodes(LANGUAGES)
    if binding.strength != "required":
        return None
    systems = definitions.codes(binding.value_set)
    if systems is None:
        return RuledCodes(GRAMMARS[binding.value_set])
    return ListedCodes(systems, frozenset().union(*systems.values()))


def code_fault(codes: Codes, code: str) -> str:
    """Return what is wrong with a code that is not one of `codes`."""
    return f"The code {show(code)} is not allowed here. {codes.advice(code)}"


def check_concept(codes: Codes, concept: JsonObject, at: At, scope: Scope) -> None:
    """Note a CodeableConcept without any coding of the value set."""
    codings = concept.get("coding", [])
    if not isinstance(codings, list) or not all(isinstance(each, dict) for each in codings):
        return  # Its structure is at fault, which is noted elsewhere.
    if any(codes.has_coding(each.get("system"), each.get("code")) for each in codings):
        return
    if codings:
        scope.add(IssueCode.CODE_INVALID, at, _coding_fault(codes, codings[0]))
    elif "text" in concept:
        # Where there is only an extension, that says why there is no code.
        diagnostics = f"A text alone is not enough, send a coding too. {codes.advice(None)}"
        scope.add(IssueCode.CODE_INVALID, at, diagnostics)


def _coding_fault(codes: Codes, coding: JsonObject) -> str:
    system, code = coding.get("system"), coding.get("code")
    owner = codes.system_of(code)
    if owner is not None:
        return (
            f"The code {show(code)} is allowed here, but only with the system {owner}; "
            f"found {show(system) if system else 'no system'}."
        )
    return f"The code {show(code)} is not allowed here. {codes.advice(code)}"
