"""Which answers speak of the same thing, where a group of questions is answered several times."""

from collections import Counter
from collections.abc import Iterator, Sequence

from psolink.mapping.answers import Answer
from psolink.mapping.dictionary import Group
from psolink.outcome import Issue, IssueCode, Severity


def occurrences(answers: Sequence[Answer], group: Group) -> list[list[Answer]]:
    """Return the answers to the group's elements, a list for each thing that they speak of.

    What stands in one group item belongs together. Beyond that the order decides: where a question
    comes again, the next thing begins. So no answer is joined with those of another thing.
    """
    containers: dict[str | None, list[Answer]] = {}
    for answer in answers:
        if answer.element.group == group.id:
            containers.setdefault(answer.group, []).append(answer)
    return [each for container in containers.values() for each in _split(container)]


def _split(answers: Sequence[Answer]) -> Iterator[list[Answer]]:
    current: list[Answer] = []
    items: dict[str, str] = {}
    for answer in answers:
        # Several answers in one item are about one thing, however odd they are.
        if items.setdefault(answer.element.id, answer.item) != answer.item:
            yield current
            current, items = [], {answer.element.id: answer.item}
        current.append(answer)
    yield current


def remarks(found: Sequence[Sequence[Answer]], group: Group) -> Iterator[Issue]:
    """Yield what the sender should know about how the answers were told apart."""
    if len(found) > group.max:
        text = f"{group.label} are asked at most {group.max} times, and here {len(found)} times."
        yield _warning(found[group.max][0], text)
    sharing = Counter(each[0].group for each in found)
    by_order = [each for each in found if sharing[each[0].group] > 1]
    if by_order:
        text = (
            f"{group.label} for several things stand without a group item for each; they were told "
            f"apart by their order. Send one item {group.id} for each."
        )
        yield _warning(by_order[0][0], text)


def _warning(answer: Answer, text: str) -> Issue:
    return Issue(IssueCode.BUSINESS_RULE, text, answer.expression, Severity.WARNING)
