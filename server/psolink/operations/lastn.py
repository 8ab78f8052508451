"""`Observation/$lastn`: the latest observations of each kind.

https://hl7.org/fhir/R4/observation-operation-lastn.html
"""

import re
from collections.abc import Hashable, Iterable

from psolink.errors import InvalidRequest, TooCostly
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.criteria import criteria_of
from psolink.interactions.result import Result
from psolink.interactions.search_pages import Pairs, self_link
from psolink.operations.called import Called
from psolink.operations.parameters import as_pairs
from psolink.search.criteria import Criteria
from psolink.search.sort import read_sort
from psolink.store.order import place_of
from psolink.store.values import Page, Place, Stored

MAX_OBSERVATIONS = 10_000
"""More than these are not looked through for one answer."""

_TYPE = "Observation"
_PAGE = 1000
_SUBJECTS = ("patient", "subject")
_POSITIVE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def lastn(ctx: Context, body: JsonObject, _called: Called) -> Result:
    """Return the last `max` observations of each code, the latest code first."""
    pairs = as_pairs(ctx, body)
    wanted = _max([value for name, value in pairs if name == "max"])
    criteria = _criteria(ctx, [pair for pair in pairs if pair[0] != "max"])
    groups = grouped(_matches(ctx, criteria))
    entries = [
        {
            "fullUrl": f"{ctx.base_url}/{each.key.reference}",
            "resource": each.content,
            "search": {"mode": "match"},
        }
        for group in groups
        for each in group[:wanted]
    ]
    used = [*criteria.used, ("max", str(wanted))]
    bundle: JsonObject = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "link": [self_link(ctx, f"{_TYPE}/$lastn", used)],
    }
    return Result(200, bundle | ({"entry": entries} if entries else {}))


def _max(values: list[str]) -> int:
    if len(values) > 1 or not all(_POSITIVE.fullmatch(each) for each in values):
        raise InvalidRequest("max is one number of at least 1: how many of each code.", "max")
    return int(values[0]) if values else 1


def _criteria(ctx: Context, pairs: Pairs) -> Criteria:
    if not any(re.split(r"[:.]", name)[0] in _SUBJECTS for name, _ in pairs):
        raise InvalidRequest(
            "The last observations are those of somebody: the parameter patient or subject is needed."
        )
    return criteria_of(ctx, _TYPE, pairs)


def _matches(ctx: Context, criteria: Criteria) -> list[Stored]:
    """Return all that match, the latest first; raise `TooCostly` where these are too many."""
    order = read_sort("-date", ctx.services.search_parameters, (_TYPE,))
    found: list[Stored] = []
    place: Place | None = None
    while True:
        page = ctx.store.find(_TYPE, criteria.filter, Page(_PAGE, place, order))
        found += page
        if len(found) > MAX_OBSERVATIONS:
            raise TooCostly(
                f"More than {MAX_OBSERVATIONS} observations match: ask for a category, a code or a "
                "range of dates."
            )
        if len(page) < _PAGE:
            return found
        place = place_of(page[-1], order)


def grouped(observations: Iterable[Stored]) -> list[list[Stored]]:
    """Return the observations by what they are about, each group in the order given.

    Two are about the same if they share a coding, or share one with a third that joins them.
    Those without a coding are about the same if their texts are equal.
    """
    groups: dict[Hashable, list[Stored]] = {}
    leader: dict[Hashable, Hashable] = {}

    def find(key: Hashable) -> Hashable:
        while leader.setdefault(key, key) != key:
            key = leader[key]
        return key

    observations = list(observations)
    for each in observations:
        first, *others = _keys(each)
        for other in others:
            leader[find(other)] = find(first)
    for each in observations:
        groups.setdefault(find(_keys(each)[0]), []).append(each)
    return list(groups.values())


def _keys(observation: Stored) -> list[Hashable]:
    code = observation.content["code"]
    codings = [
        (each.get("system", ""), each["code"]) for each in code.get("coding", ()) if "code" in each
    ]
    if codings:
        return list(codings)
    return [code["text"]] if code.get("text") else [observation.key]
