"""The functions that rules name after `using`: how answers become a FHIR value.

A function gets all answers to the elements of its rule, in the order of the rule, and yields what
it makes of them. mappings/README.md lists the functions for those who write rules.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any

from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Answer
from psolink.mapping.concepts import concept_of, text_of
from psolink.mapping.dates import at, is_full
from psolink.mapping.dictionary import Dictionary, ElementType
from psolink.mapping.extraction import MappingContext
from psolink.mapping.systems import RXNORM

_RXCUI = re.compile(r"[0-9]{1,8}")
_ACTUALITY = MappingProxyType(
    {"A1260": "potential", "A1257": "actual", "A1263": "actual", "A15": "actual"}
)

_CLOCK_ALONE = (
    "a time of day needs one full date and a known time zone; send date and time as one dateTime"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a function may look at beside the answers."""

    context: MappingContext
    dictionary: Dictionary


@dataclass(frozen=True, slots=True)
class Product:
    """A FHIR value, the answers that it stands for, and a note for the sender if one is due."""

    value: Any
    answers: tuple[Answer, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that cannot become a value, and why."""

    answer: Answer
    reason: str


Made = Iterator[Product | Refusal]
Run = Callable[[Sequence[Answer], Scope], Made]


@dataclass(frozen=True, slots=True)
class Function:
    """A named function, the types of elements that it reads, and the FHIR types that it makes."""

    name: str
    reads: tuple[ElementType, ...]
    makes: tuple[str, ...]
    run: Run


def event_identifier(answers: Sequence[Answer], scope: Scope) -> Made:
    """Make the identifier that the sending organization gave the event."""
    for answer in answers:
        system = scope.context.event_identifier_system
        yield Product({"system": system, "value": answer.text}, (answer,))


def text(answers: Sequence[Answer], _: Scope) -> Made:
    """Make a string of each answer, as it is."""
    for answer in answers:
        yield Product(answer.text, (answer,))


def joined_text(answers: Sequence[Answer], _: Scope) -> Made:
    """Make one string of all answers, with commas between them."""
    yield Product(", ".join(answer.text or "" for answer in answers), tuple(answers))


def date(answers: Sequence[Answer], _: Scope) -> Made:
    """Make a dateTime of each date."""
    for answer in answers:
        yield Product(answer.text, (answer,))


def date_and_time(answers: Sequence[Answer], scope: Scope) -> Made:
    """Make a dateTime of a date and the time of day beside it."""
    days = [answer for answer in answers if answer.element.type == "date"]
    clocks = [answer for answer in answers if answer.element.type == "time"]
    zone = scope.context.time_zone
    if zone and len(days) == len(clocks) == 1 and is_full(days[0].text or ""):
        moment = at(days[0].text or "", clocks[0].text or "", zone)
        yield Product(moment, (days[0], clocks[0]))
        return
    yield from date(days, scope)
    for clock in clocks:
        yield Refusal(clock, _CLOCK_ALONE)


def concepts(answers: Sequence[Answer], _: Scope) -> Made:
    """Make a CodeableConcept of each answer."""
    for answer in answers:
        yield Product(concept_of(answer), (answer,))


def concept(answers: Sequence[Answer], _: Scope) -> Made:
    """Make one CodeableConcept of all answers: their codings and their labels."""
    codings: list[JsonObject] = []
    for coding in chain.from_iterable(concept_of(answer)["coding"] for answer in answers):
        if coding not in codings:
            codings.append(coding)
    texts = "; ".join(text_of(answer) for answer in answers)
    yield Product({"coding": codings, "text": texts}, tuple(answers))


def event_categories(answers: Sequence[Answer], scope: Scope) -> Made:
    """Make a category of each event category; without any, the one whose form was filled."""
    opening = {clause.element for form in scope.dictionary.forms for clause in form.when}
    stated = [answer for answer in answers if answer.element.id in opening]
    yield from concepts(stated, scope)
    form = scope.dictionary.form_of(answers[0].element)
    if stated or form is None:
        return
    for clause in form.when:
        element = scope.dictionary.elements[clause.element]
        option = element.option(clause.codes[0])
        implied = Answer(element, "", "", "", None, option=option)
        note = f"{implied.name} is not answered; it was derived from the form that was filled"
        yield Product(concept_of(implied), (answers[0],), note)


def actuality_of_characterization(answers: Sequence[Answer], _: Scope) -> Made:
    """Make the actuality from how the medication event is characterized.

    An unsafe condition is potential. An incorrect action, an adverse reaction, and a medication
    that was given to the patient, are actual.
    """
    for answer in answers:
        actuality = answer.option and _ACTUALITY.get(answer.option.code)
        if actuality:
            yield Product(actuality, (answer,), _derived(answer))
            return


def actual_when_answered(answers: Sequence[Answer], _: Scope) -> Made:
    """Make the actuality `actual` of an answer that says what was done."""
    yield Product("actual", (answers[0],), _derived(answers[0]))


def rxnorm_coding(answers: Sequence[Answer], _: Scope) -> Made:
    """Make an RxNorm Coding of each RXCUI."""
    for answer in answers:
        if _RXCUI.fullmatch(answer.text or ""):
            yield Product({"system": RXNORM, "code": answer.text}, (answer,))
        else:
            yield Refusal(answer, "an RXCUI is a number of up to eight digits")


def rxnorm_concept(answers: Sequence[Answer], scope: Scope) -> Made:
    """Make a CodeableConcept with an RxNorm Coding of each RXCUI."""
    for made in rxnorm_coding(answers, scope):
        match made:
            case Product(value, used):
                yield Product({"coding": [value]}, used)
            case refusal:
                yield refusal


def text_concept(answers: Sequence[Answer], _: Scope) -> Made:
    """Make a CodeableConcept that has only text of each answer."""
    for answer in answers:
        yield Product({"text": answer.text}, (answer,))


def named_reference(answers: Sequence[Answer], _: Scope) -> Made:
    """Make a Reference that has only a display of each answer."""
    for answer in answers:
        yield Product({"display": answer.text}, (answer,))


def _derived(answer: Answer) -> str:
    return f"DE3 (Kind of concern) does not tell the actuality; it was derived from {answer.name}"


_WORDS: tuple[ElementType, ...] = ("string", "text")
_CHOICE: tuple[ElementType, ...] = ("choice",)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        run.__name__: Function(run.__name__, reads, makes, run)
        for run, reads, makes in (
            (event_identifier, _WORDS, ("Identifier",)),
            (text, _WORDS, ("string",)),
            (joined_text, _WORDS, ("string",)),
            (date, ("date",), ("dateTime",)),
            (date_and_time, ("date", "time"), ("dateTime",)),
            (concepts, _CHOICE, ("CodeableConcept",)),
            (concept, _CHOICE, ("CodeableConcept",)),
            (event_categories, _CHOICE, ("CodeableConcept",)),
            (actuality_of_characterization, _CHOICE, ("code",)),
            (actual_when_answered, _CHOICE, ("code",)),
            (rxnorm_coding, _WORDS, ("Coding",)),
            (rxnorm_concept, _WORDS, ("CodeableConcept",)),
            (text_concept, _WORDS, ("CodeableConcept",)),
            (named_reference, _WORDS, ("Reference",)),
        )
    }
)
"""Every function, by the name that rules use."""
