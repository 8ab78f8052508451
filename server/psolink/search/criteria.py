"""From the parameters of a request to a MongoDB filter.

https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode
from psolink.search.conditions import all_of
from psolink.search.criterion import Criterion, NotSupported, UnsupportedModifier
from psolink.search.lookup import Lookup
from psolink.search.reader import Reader
from psolink.search.registry import SearchParameters
from psolink.search.search_type import NO_CODE_SETS, Asked, CodeSets, MalformedValue, utc_now
from psolink.search.unindexed import UNINDEXED

MAX_TERMS = 200
"""The most values that one request may ask for, over all its parameters."""

_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a request looks for.

    `filter` is for documents as `IndexValues` and the store make them. `used` are the criteria in
    canonical order and `ignored` the names that were passed over. `key` is the same text for the
    same criteria, however they were ordered and encoded. `unindexed` finds the documents, of the
    types `looked_into`, that `filter` may miss, because a parameter in use could not be indexed;
    None without such a use.
    """

    filter: JsonObject
    used: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    key: str
    unindexed: JsonObject | None
    looked_into: tuple[str, ...]


def parse_criteria(
    parameters: SearchParameters,
    resource_type: str,
    pairs: Sequence[tuple[str, str]],
    *,
    base_url: str,
    lookup: Lookup,
    lenient: bool = False,
    code_sets: CodeSets = NO_CODE_SETS,
    clock: Callable[[], datetime] = utc_now,
) -> Criteria:
    """Return the criteria; raise `InvalidRequest` with an issue for each parameter at fault.

    With `lenient`, parameters that are not known or not supported are passed over.
    `code_sets` is what modifiers of tokens look codes up in, `clock` the time now, and `lookup`
    finds what chains lead through.
    """
    asked_for = sum(1 + value.count(",") for _, value in pairs)
    if asked_for > MAX_TERMS:
        raise InvalidRequest(f"At most {MAX_TERMS} values are taken in all, found {asked_for}.")
    asked = Asked(base_url, parameters.resource_types, code_sets=code_sets, clock=clock)
    reader = Reader(parameters, asked, lookup)
    parameters.for_type(resource_type)
    found: list[Criterion] = []
    ignored: list[str] = []
    issues: list[Issue] = []
    for name, value in pairs:
        try:
            found.append(reader.read(resource_type, name, value))
        except NotSupported as refusal:
            ignored.append(name)
            issues += [] if lenient else [Issue(IssueCode.NOT_SUPPORTED, str(refusal))]
        except UnsupportedModifier as refusal:
            issues.append(Issue(IssueCode.NOT_SUPPORTED, str(refusal)))
        except MalformedValue as error:
            issues.append(Issue(IssueCode.VALUE, f"The parameter {name[:_SHOWN]!r}: {error}."))
    if issues:
        raise InvalidRequest.of(issues)
    return _criteria(resource_type, found, tuple(ignored))


def _criteria(resource_type: str, found: Sequence[Criterion], ignored: tuple[str, ...]) -> Criteria:
    distinct = {each.pair: each for each in found}
    used = tuple(sorted(distinct))
    conditions = [distinct[pair].condition for pair in used]
    looked_at = _looked_at(resource_type, found)
    return Criteria(
        filter={"type": resource_type} | all_of(conditions),
        used=used,
        ignored=ignored,
        key=f"{resource_type}?{urlencode(used)}",
        unindexed=_unindexed(looked_at),
        looked_into=tuple(sorted(looked_at)),
    )


def _looked_at(resource_type: str, found: Sequence[Criterion]) -> dict[str, set[str]]:
    """Return the parameters in use by the type whose values they are."""
    looked_at: dict[str, set[str]] = {}
    for criterion in found:
        own = [] if criterion.indexed is None else [(resource_type, criterion.indexed)]
        for each, code in (*own, *criterion.inner):
            looked_at.setdefault(each, set()).add(code)
    return looked_at


def _unindexed(looked_at: Mapping[str, set[str]]) -> JsonObject | None:
    alternatives: list[JsonObject] = [
        {
            "type": resource_type,
            "token": {"$elemMatch": {"p": UNINDEXED, "c": {"$in": sorted(codes)}}},
        }
        for resource_type, codes in sorted(looked_at.items())
    ]
    if not alternatives:
        return None
    return alternatives[0] if len(alternatives) == 1 else {"$or": alternatives}
