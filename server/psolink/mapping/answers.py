"""What reading a QuestionnaireResponse yields: each answer, understood or kept as it is."""

from dataclasses import dataclass

from psolink.mapping.dictionary import Element, Option
from psolink.outcome import Issue, IssueCode, Severity


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a known element.

    `expression` is where it stands, `item` where its item stands, `group` where the group that it
    belongs to stands, if it is in one. A choice has an `option`; `text` is the value of everything
    else, and the free text beside an option. `remark` says what was odd about an answer that could
    be read.
    """

    element: Element
    link_id: str
    expression: str
    item: str
    group: str | None
    text: str | None = None
    option: Option | None = None
    remark: str | None = None

    @property
    def value(self) -> str | None:
        """The code of a choice, and the text of everything else."""
        return self.option.code if self.option else self.text

    @property
    def name(self) -> str:
        """The element, as a message names it."""
        return f"{self.element.id} ({self.element.label})"


@dataclass(frozen=True, slots=True)
class Mapped:
    """An answer that is in the derived resources, and the rules that put it there."""

    link_id: str
    expression: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that stays in the QuestionnaireResponse alone, and why."""

    link_id: str
    expression: str
    reason: str
    code: IssueCode = IssueCode.INFORMATIONAL
    severity: Severity = Severity.INFORMATION

    def to_issue(self) -> Issue:
        """Return the issue that tells the sender; it quotes no answer."""
        text = f"The answer to {self.link_id[:64]!r} is kept and not mapped: {self.reason}."
        return Issue(self.code, text, self.expression, self.severity)
