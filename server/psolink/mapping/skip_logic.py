"""What is odd about the answers taken together: skip logic and counts.

Such an answer is mapped all the same, for the report was made by people who saw more than a form.
"""

from collections.abc import Iterator, Mapping, Sequence

from psolink.mapping.answers import Answer
from psolink.mapping.dictionary import Clause, Dictionary
from psolink.outcome import Issue, IssueCode, Severity

_Chosen = Mapping[str, frozenset[str]]


def oddities(answers: Sequence[Answer], dictionary: Dictionary) -> Iterator[Issue]:
    """Yield a warning for each answer that the form does not ask for."""
    chosen = _chosen(answers)
    for answer in answers:
        broken = [clause for clause in answer.element.when if not _holds(clause, chosen)]
        if broken:
            conditions = " and ".join(map(str, broken))
            yield _warning(answer, f"is answered although it is only asked where {conditions}")
        if answer.remark:
            yield _warning(answer, f"was read, but {answer.remark}")
    yield from _unopened(answers, dictionary, chosen)
    yield from _too_many(answers)


def _unopened(
    answers: Sequence[Answer], dictionary: Dictionary, chosen: _Chosen
) -> Iterator[Issue]:
    # A report need not hold every form: a question that was not answered decides nothing here.
    for form in dictionary.forms:
        first = next((each for each in answers if dictionary.form_of(each.element) is form), None)
        for clause in form.when:
            if first and clause.element in chosen and not _holds(clause, chosen):
                yield _warning(first, f"belongs to the form {form.name}, for which {clause} is due")


def _too_many(answers: Sequence[Answer]) -> Iterator[Issue]:
    seen: dict[tuple[str, str], dict[str | None, Answer]] = {}
    for answer in answers:
        # A group may come again; outside of groups the whole report counts.
        place = answer.item if answer.element.group else ""
        seen.setdefault((answer.element.id, place), {}).setdefault(answer.value, answer)
    for found in seen.values():
        distinct = list(found.values())
        limit = distinct[0].element.max
        if limit is not None and len(distinct) > limit:
            yield _warning(distinct[limit], f"takes at most {limit}, and this is one more")


def _chosen(answers: Sequence[Answer]) -> _Chosen:
    codes: dict[str, frozenset[str]] = {}
    for answer in answers:
        if answer.option is not None:
            known = codes.get(answer.element.id, frozenset())
            codes[answer.element.id] = known | {answer.option.code}
    return codes


def _holds(clause: Clause, chosen: _Chosen) -> bool:
    met = not chosen.get(clause.element, frozenset()).isdisjoint(clause.codes)
    return met is not clause.excludes


def _warning(answer: Answer, text: str) -> Issue:
    return Issue(
        IssueCode.BUSINESS_RULE, f"{answer.name} {text}.", answer.expression, Severity.WARNING
    )
