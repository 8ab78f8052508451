"""From the parameters of a request to a MongoDB filter.

https://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from urllib.parse import urlencode

from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode
from psolink.search.conditions import all_of
from psolink.search.criterion import (
    Criterion,
    NotSupported,
    UnsupportedModifier,
    read_criterion,
    split_name,
)
from psolink.search.index_values import UNINDEXED
from psolink.search.registry import SearchParameter, SearchParameters
from psolink.search.search_type import NO_CODE_SETS, Asked, CodeSets, MalformedValue, utc_now

MAX_TERMS = 200
"""The most values that one request may ask for, over all its parameters."""

RESULT_PARAMETERS = frozenset(
    {"_count", "_cursor", "_elements", "_format", "_pretty", "_summary", "_total"}
)
"""What is about the form of the answer: the caller takes these out before."""

_NOT_YET = frozenset(
    {
        "_contained",
        "_containedType",
        "_has",
        "_include",
        "_list",
        "_revinclude",
        "_score",
        "_sort",
        "_type",
    }
    | RESULT_PARAMETERS
)
_SHOWN = 64
_SUFFIX = re.compile(r"[:.].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a request looks for.

    `filter` is for documents as `IndexValues` and the store make them. `used` are the criteria in
    canonical order and `ignored` the names that were passed over. `key` is the same text for the
    same criteria, however they were ordered and encoded. `unindexed` finds the documents that
    `filter` may miss, because a parameter in use could not be indexed; None without such a use.
    """

    filter: JsonObject
    used: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    key: str
    unindexed: JsonObject | None


def parse_criteria(
    parameters: SearchParameters,
    resource_type: str,
    pairs: Sequence[tuple[str, str]],
    *,
    base_url: str,
    lenient: bool = False,
    code_sets: CodeSets = NO_CODE_SETS,
    clock: Callable[[], datetime] = utc_now,
) -> Criteria:
    """Return the criteria; raise `InvalidRequest` with an issue for each parameter at fault.

    With `lenient`, parameters that are not known or not supported are passed over.
    `code_sets` is what modifiers of tokens look codes up in, `clock` the time now.
    """
    asked_for = sum(1 + value.count(",") for _, value in pairs)
    if asked_for > MAX_TERMS:
        raise InvalidRequest(f"At most {MAX_TERMS} values are taken in all, found {asked_for}.")
    known = parameters.for_type(resource_type)
    asked = Asked(base_url, parameters.resource_types, code_sets=code_sets, clock=clock)
    found: list[Criterion] = []
    ignored: list[str] = []
    issues: list[Issue] = []
    for name, value in pairs:
        try:
            found.append(_criterion(name, value, resource_type, known, asked))
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
    return Criteria(
        filter={"type": resource_type} | all_of(conditions),
        used=used,
        ignored=ignored,
        key=f"{resource_type}?{urlencode(used)}",
        unindexed=_unindexed(resource_type, found),
    )


def _unindexed(resource_type: str, found: Sequence[Criterion]) -> JsonObject | None:
    indexed = {each.indexed for each in found if each.indexed is not None}
    if not indexed:
        return None
    missed = {"p": UNINDEXED, "c": {"$in": sorted(indexed)}}
    return {"type": resource_type, "token": {"$elemMatch": missed}}


def _criterion(
    name: str,
    value: str,
    resource_type: str,
    known: Mapping[str, SearchParameter],
    asked: Asked,
) -> Criterion:
    code, modifier = split_name(name)
    parameter = known.get(code)
    if parameter is None or code in _NOT_YET or "." in name:
        raise NotSupported(_why_not(name, resource_type, known))
    return read_criterion(parameter, modifier, value, asked)


def _why_not(name: str, resource_type: str, known: Mapping[str, SearchParameter]) -> str:
    """Return why there is no parameter of this name."""
    plain = _SUFFIX.sub("", name)
    shown = name[:_SHOWN]
    if plain in _NOT_YET:
        return f"The parameter {plain!r} is not supported yet."
    if plain in known:
        return f"Chaining in {shown!r} is not supported yet; use {plain!r} without it."
    supported = sorted(code for code, each in known.items() if each.search_type is not None)
    near = get_close_matches(plain, supported, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return (
        f"{resource_type} has no search parameter {shown!r}.{hint} It has {', '.join(supported)}."
    )
