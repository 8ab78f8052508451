"""Validate codes against value sets and code systems.

https://hl7.org/fhir/R4/valueset-operation-validate-code.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psolink.fhir_json import JsonObject
from psolink.terminology.catalogue import Catalogue, typed_value_set
from psolink.terminology.composition import Composer, Composition
from psolink.terminology.membership import UNKNOWN_MEMBERS, Membership
from psolink.terminology.remote_answers import Answer, Question, TerminologyServer
from psolink.terminology.verdict import (
    Coding,
    Verdict,
    cannot_tell,
    decisive,
    not_in_set,
    other_display,
    same_display,
)

Elsewhere = Callable[[str, str, str], Answer]
"""Answers for a value set, a system and a code what is not known here."""


@dataclass(frozen=True, slots=True)
class CodeValidator:
    """Judges codings by what is held, and asks elsewhere where that does not decide."""

    catalogue: Catalogue
    composer: Composer
    server: TerminologyServer
    elsewhere: Elsewhere

    def validate(
        self,
        codings: Sequence[Coding],
        value_set: str | JsonObject | None,
        code_system: str | None,
    ) -> Verdict:
        """Return the verdict on codings of which one has to be valid."""
        if value_set is None:
            return decisive([self._in_system(each, code_system) for each in codings])
        if isinstance(value_set, str):
            composition = self.composer.by_url(value_set) or Composition(UNKNOWN_MEMBERS)
            return decisive([self._in_set(each, composition, value_set) for each in codings])
        composition = self.composer.compose(typed_value_set(value_set))
        return decisive([self._in_set(each, composition, None) for each in codings])

    def _in_system(self, coding: Coding, code_system: str | None) -> Verdict:
        system = code_system or coding.system or ""
        coding = replace(coding, system=coding.system or system)
        place = f"the code system {system}"
        if coding.system != system:
            return Verdict(Membership.NO, issues=(not_in_set(coding, place, [system]),))
        index = self.catalogue.code_system(system, coding.version)
        found = index.extent().judge(index.spelt(coding.code)) if index else Membership.UNKNOWN
        answer = Answer(found)
        if found is Membership.UNKNOWN:
            answer = _because(
                "the code system is not held here in full",
                self.server.validate_code(Question(system, coding.code)),
            )
        return self._verdict(coding, place, answer)

    def _in_set(self, coding: Coding, composition: Composition, url: str | None) -> Verdict:
        coding = _with_system(coding, composition)
        place = f"the value set {url}" if url else "the value set"
        system = coding.system
        if system is None:
            answer = Answer(composition.members.judge_any(coding.code), reason=_reason(composition))
            return self._verdict(coding, place, answer, composition)
        index = self.catalogue.code_system(system)
        code = index.spelt(coding.code) if index else coding.code
        answer = Answer(
            composition.members.judge(system, code),
            _display_in(composition, system, code),
            _reason(composition),
        )
        if answer.membership is Membership.UNKNOWN and url is not None:
            answer = _because(answer.reason, self.elsewhere(url, system, code))
        return self._verdict(coding, place, answer, composition)

    def _verdict(
        self, coding: Coding, place: str, answer: Answer, composition: Composition | None = None
    ) -> Verdict:
        match answer.membership:
            case Membership.NO:
                owners = list(composition.members.systems_of(coding.code)) if composition else []
                return Verdict(Membership.NO, coding, issues=(not_in_set(coding, place, owners),))
            case Membership.UNKNOWN:
                issue = cannot_tell(coding, place, answer.reason)
                return Verdict(Membership.UNKNOWN, coding, issues=(issue,))
            case _:
                return self._valid(coding, answer.display)

    def _valid(self, coding: Coding, display: str | None) -> Verdict:
        index = self.catalogue.code_system(coding.system or "")
        concept = index.find(coding.code) if index else None
        right = [each for each in (display, concept and concept.display) if each]
        shown = right[0] if right else None
        is_right = any(same_display(coding.display or "", each) for each in right)
        if coding.display is None or shown is None or is_right:
            return Verdict(Membership.YES, coding, shown)
        return Verdict(Membership.YES, coding, shown, (other_display(coding, shown),))


def _with_system(coding: Coding, composition: Composition) -> Coding:
    """Return the coding with the system that the value set implies, if it has none."""
    if coding.system is not None:
        return coding
    systems = list(composition.members.systems_of(coding.code))
    return replace(coding, system=systems[0]) if systems else coding


def _display_in(composition: Composition, system: str, code: str) -> str | None:
    """Return the display that the value set itself gives a code."""
    for each in composition.candidates:
        if (each.system, each.code) == (system, code) and each.display:
            return each.display
    return None


def _because(reason: str, answer: Answer) -> Answer:
    """Return the answer with the reason why it had to be sought elsewhere before its own."""
    if answer.membership is not Membership.UNKNOWN:
        return answer
    return replace(answer, reason=f"{reason}, and {answer.reason}")


def _reason(composition: Composition) -> str:
    if not composition.doubts:
        return "the value set is not held here"
    said = composition.doubts[0].issues[0].diagnostics.rstrip(".")
    return said[:1].lower() + said[1:]
