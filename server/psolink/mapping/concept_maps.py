"""Translate answer codes into the codes of another system, as a concept map file says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Answer
from psolink.mapping.functions import Function, Made, Product, Scope


@dataclass(frozen=True, slots=True)
class Translation:
    """An answer code, and the target code in R4's words for how they compare."""

    source: str
    code: str
    display: str
    equivalence: str


@dataclass(frozen=True, slots=True)
class ConceptMap:
    """A concept map file. `target` is the URL of the code system that it leads to."""

    name: str
    title: str
    target: str
    translations: Mapping[str, Translation]

    def function(self, target_type: str) -> Function:
        """Return the function that rules with this map use, for a target of the given type."""
        as_code = target_type == "code"

        def translate(answers: Sequence[Answer], _: Scope) -> Made:
            for answer, found in self._found(answers):
                value: Any = found.code if as_code else self._concept(found)
                yield Product(value, (answer,))

        return Function(self.name, ("choice",), ("code", "CodeableConcept"), translate)

    def _found(self, answers: Sequence[Answer]) -> Iterator[tuple[Answer, Translation]]:
        for answer in answers:
            found = answer.option and self.translations.get(answer.option.code)
            if found:
                yield answer, found

    def _concept(self, found: Translation) -> JsonObject:
        coding = {"system": self.target, "code": found.code, "display": found.display}
        return {"coding": [coding]}
