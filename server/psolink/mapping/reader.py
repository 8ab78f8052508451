"""Walk a QuestionnaireResponse and read every answer in it.

Two ways to say which element an item is are seen in the wild, and both end in a name: the data
element (`DE270`), or a path of LOINC codes (`74080-3/74078-7/74062-1`, `Medication/74052-2`).

https://hl7.org/fhir/R4/questionnaireresponse.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Answer, Kept
from psolink.mapping.dictionary import Dictionary, Element
from psolink.mapping.values import Unreadable, read_value
from psolink.outcome import IssueCode, Severity

_SEPARATOR = re.compile(r"[/#|]")


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the response, and the item and the group that it belongs to."""

    node: Any
    expression: str
    is_answer: bool = False
    item: str = ""
    link_id: str = ""
    names: tuple[str, ...] = ()
    group: str | None = None


def read_answers(response: JsonObject, dictionary: Dictionary) -> Iterator[Answer | Kept]:
    """Yield every answer in document order, an answer's own items before what follows it."""
    root = _Place(response, "QuestionnaireResponse")
    waiting = [*_inside(root, "item")]
    while waiting:
        place = waiting.pop()
        if not isinstance(place.node, dict):
            yield _kept(place, "a JSON object is expected here", IssueCode.STRUCTURE)
        elif place.is_answer:
            yield _read(place, dictionary)
            waiting += _inside(place, "item")
        else:
            item = _as_item(place, dictionary)
            # The last one is the next to be read: answers come before the items beside them.
            waiting += [*_inside(item, "item"), *_inside(item, "answer")]


def _inside(place: _Place, name: str) -> list[_Place]:
    nodes = place.node.get(name, [])
    are_listed = isinstance(nodes, list)
    found = [
        _Place(
            node,
            f"{place.expression}.{name}" + (f"[{index}]" if are_listed else ""),
            is_answer=name == "answer",
            item=place.item,
            link_id=place.link_id,
            names=place.names,
            group=place.group,
        )
        for index, node in enumerate(nodes if are_listed else [nodes])
    ]
    return found[::-1]


def _as_item(place: _Place, dictionary: Dictionary) -> _Place:
    link_id = place.node.get("linkId")
    names = tuple(_names(place.node))
    is_group = any(name in dictionary.groups for name in names)
    return _Place(
        place.node,
        place.expression,
        item=place.expression,
        link_id=link_id if isinstance(link_id, str) else "",
        names=names,
        group=place.expression if is_group else place.group,
    )


def _names(item: JsonObject) -> Iterator[str]:
    """Yield what may name the element: the ends of linkId and definition, then the codes.

    R4 has no `code` here, but senders that copy it from the Questionnaire exist.
    """
    for value in (item.get("linkId"), item.get("definition")):
        if isinstance(value, str):
            yield _SEPARATOR.split(value.rstrip("/"))[-1]
    codings = item.get("code")
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield coding["code"]


def _read(place: _Place, dictionary: Dictionary) -> Answer | Kept:
    candidates = next(filter(None, map(dictionary.named, place.names)), ())
    if not candidates:
        return _kept(place, "no element of the Common Formats has this linkId", IssueCode.UNKNOWN)
    if len(candidates) > 1:
        ids = " and ".join(each.id for each in candidates)
        reason = f"its LOINC code stands for {ids} alike; use the id as linkId"
        return _kept(place, reason, IssueCode.MULTIPLE_MATCHES)
    return _understood(place, candidates[0])


def _understood(place: _Place, element: Element) -> Answer | Kept:
    try:
        reading = read_value(element, place.node)
    except Unreadable as failure:
        return _kept(place, failure.reason, failure.code, Severity.WARNING)
    return Answer(
        element,
        place.link_id,
        place.expression,
        place.item,
        place.group,
        text=reading.text,
        option=reading.option,
        remark=reading.remark,
    )


def _kept(
    place: _Place, reason: str, code: IssueCode, severity: Severity = Severity.INFORMATION
) -> Kept:
    return Kept(place.link_id, place.expression, reason, code, severity)
