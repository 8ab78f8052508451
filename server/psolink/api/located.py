"""Lines and columns of issues in the body that a client sent.

Only looked for once there are issues: what is sound pays nothing for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from psolink.api.negotiation import Formats
from psolink.api.sent_bodies import SentBody
from psolink.formats.places import steps_of
from psolink.outcome import Issue, Place

_LARGEST = 8 * 1024 * 1024
"""Of a larger body the places are not told: finding them would take seconds."""


def located(
    issues: Iterable[Issue], body: SentBody | None, formats: Formats, *, at: str | None = None
) -> list[Issue]:
    """Return the issues with their places; `at` is where in the body the judged resource lies."""
    found = list(issues)
    if body is None or len(body.data) > _LARGEST:
        return found
    lead = steps_of(at) if at else ()
    roots = (at.partition(".")[0],) if at else (body.resource_type,)
    wanted = {
        each.expression: (*lead, *steps_of(each.expression))
        for each in found
        if each.expression and each.place is None and (at or each.expression.startswith(roots))
    }
    if not wanted or body.resource_type not in roots:
        return found
    places = formats[body.media_type].places(body.data, wanted.values())
    by_expression = {text: places[steps] for text, steps in wanted.items() if steps in places}
    return [_with_place(each, by_expression) for each in found]


def _with_place(issue: Issue, places: Mapping[str, Place]) -> Issue:
    place = places.get(issue.expression or "")
    return issue if place is None else replace(issue, place=place)
