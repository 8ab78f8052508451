"""The account of the answers: what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Answer, Kept, Mapped
from psolink.mapping.functions import Product, Refusal, Scope
from psolink.mapping.library import Library
from psolink.mapping.rules import Rule
from psolink.outcome import Issue, IssueCode, Severity

MOST = 100
"""Far more answers than a form has, and few enough to compare each with each."""


@dataclass(slots=True)
class Ledger:
    """Applies rules, and remembers by the answers' expressions which used or refused them."""

    used: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[Issue] = field(default_factory=list)

    def apply(
        self, rules: Sequence[Rule], answers: Sequence[Answer], resource: JsonObject, scope: Scope
    ) -> None:
        """Write what the rules make of `answers`; for a single value the first rule wins."""
        for rule in rules:
            chosen = [
                answer
                for source in rule.sources
                for answer in answers
                if answer.element.id == source
            ]
            if chosen and not rule.target.is_taken(resource):
                self._apply_rule(rule, chosen[:MOST], resource, scope)
                for answer in chosen[MOST:]:
                    self.refuse(answer, f"a rule takes at most {MOST} answers")

    def _apply_rule(
        self, rule: Rule, chosen: Sequence[Answer], resource: JsonObject, scope: Scope
    ) -> None:
        for made in rule.function.run(chosen, scope):
            match made:
                case Refusal(answer, reason):
                    self.refuse(answer, reason)
                case Product(value, answers, note) if rule.target.put(resource, value):
                    self._use(rule, answers, note)
                case Product(_, answers):
                    for answer in answers:
                        self.refuse(answer, f"{rule.target.path} takes one value, and has another")

    def refuse(self, answer: Answer, reason: str) -> None:
        """Remember why an answer could not be used where it belongs."""
        self.refused[answer.expression] = reason

    def _use(self, rule: Rule, answers: Sequence[Answer], note: str | None) -> None:
        for answer in answers:
            self.used.setdefault(answer.expression, []).append(rule.name)
        if note is not None:
            where = answers[0].expression
            self.notes.append(
                Issue(IssueCode.INFORMATIONAL, f"{note}.", where, Severity.INFORMATION)
            )

    def settle(self, entry: Answer | Kept, library: Library) -> Mapped | Kept:
        """Return what became of an answer."""
        if isinstance(entry, Kept):
            return entry
        rules = self.used.get(entry.expression)
        if rules is not None:
            return Mapped(entry.link_id, entry.expression, tuple(rules))
        if entry.expression in self.refused:
            return _kept(entry, self.refused[entry.expression], Severity.WARNING)
        planned = library.reason_to_keep(entry.element)
        return _kept(entry, planned or "another answer says the same more exactly")


def _kept(answer: Answer, reason: str, severity: Severity = Severity.INFORMATION) -> Kept:
    code = IssueCode.INFORMATIONAL if severity is Severity.INFORMATION else IssueCode.VALUE
    reason = f"{answer.element.label}: {reason}"
    return Kept(answer.link_id, answer.expression, reason, code, severity)
