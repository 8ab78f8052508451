"""What an answered choice says, as a CodeableConcept."""

from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Answer
from psolink.mapping.dictionary import Option
from psolink.mapping.systems import ANSWER, LOINC


def concept_of(answer: Answer) -> JsonObject:
    """Return the concept of a choice: the answer's own code, the LOINC answer code, and the text."""
    if answer.option is None:
        raise TypeError(f"{answer.element.id} is no choice")
    return {"coding": codings_of(answer.option), "text": text_of(answer)}


def codings_of(option: Option) -> list[JsonObject]:
    """Return the codings of an answer. The displays of other systems are not ours to give."""
    own: JsonObject = {"system": option.system, "code": option.code}
    if option.system == ANSWER:
        own["display"] = option.label
    return [own, {"system": LOINC, "code": option.loinc}] if option.loinc else [own]


def text_of(answer: Answer) -> str:
    """Return question and answer as words: `Other` and `Unknown` say nothing alone."""
    label = answer.option.label if answer.option else ""
    stated = [answer.element.label, label, answer.text]
    return ": ".join(part for part in stated if part)
