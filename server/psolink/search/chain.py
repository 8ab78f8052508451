"""Chains: criteria on what a reference points at, such as `subject:Patient.name=ann`.

The resources that the inner criterion finds are looked up first, and what refers to them then.

https://hl7.org/fhir/R4/search.html#chaining
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from psolink.fhir_json import JsonObject
from psolink.search.conditions import any_of, one_of
from psolink.search.criterion import Criterion, NotSupported, split_name
from psolink.search.holding import written_by
from psolink.search.lookup import MAX_FOUND, Found, Reads, bounded
from psolink.search.registry import SearchParameter

_REFERENCE = "reference"
_CODE = re.compile(r"[^.:]*")


def read_chain(reader: Reads, resource_type: str, name: str, value: str) -> Criterion:
    """Return the criterion of a chain, whose first link is a reference of the type."""
    head, _, rest = name.partition(".")
    code, target = split_name(head)
    parameter = reader.parameter(resource_type, code)
    if parameter.type != _REFERENCE:
        raise NotSupported(
            f"{code!r} is of type {parameter.type} and no reference: nothing can follow it in a chain."
        )
    inner = _inner(reader, _targets(reader, parameter, target), rest, value)
    found = bounded(_found(reader, inner), name)
    any_inner = next(iter(inner.values()))
    return Criterion(
        name=f"{head}.{any_inner.name}",
        value=any_inner.value,
        condition=refers_to(parameter.key, found),
        indexed=parameter.key,
        inner=tuple(sorted({*_looked_at(inner)})),
    )


def refers_to(code: str, found: Iterable[Found]) -> JsonObject:
    """Return the condition that a reference parameter points at one of `found`."""
    groups: dict[tuple[str, ...], list[Found]] = {}
    for each in found:
        groups.setdefault(each.holders, []).append(each)
    if not groups:
        return {_REFERENCE: {"$elemMatch": {"p": code, "i": {"$in": []}}}}
    return any_of(
        [_points_at(code, some) | written_by(holders) for holders, some in sorted(groups.items())]
    )


def _points_at(code: str, found: Iterable[Found]) -> JsonObject:
    by_type: dict[str, list[str]] = {}
    for each in found:
        by_type.setdefault(each.type, []).append(each.id)
    terms = [{"t": each, "i": one_of(ids)} for each, ids in sorted(by_type.items())]
    every: JsonObject = {}
    if len(terms) > 1:
        # What all alternatives have in common is what an index can be read by.
        every = {"i": one_of([each for ids in by_type.values() for each in ids])}
    return {_REFERENCE: {"$elemMatch": {"p": code} | every | any_of(terms)}}


def _targets(reader: Reads, parameter: SearchParameter, target: str | None) -> Sequence[str]:
    """Return the types to look into: the one that is named, or all that the principal may."""
    possible = parameter.targets or sorted(reader.parameters.resource_types)
    if target is None:
        return [each for each in possible if reader.lookup.may_search(each)] or possible
    if target not in possible:
        raise NotSupported(
            f"{parameter.code!r} does not refer to {target[:64]!r}, but to {', '.join(possible)}."
        )
    return [target]


def _inner(reader: Reads, targets: Sequence[str], name: str, value: str) -> Mapping[str, Criterion]:
    """Return the criterion by type, for the types that have it; raise if none has."""
    found: dict[str, Criterion] = {}
    refusal: NotSupported | None = None
    for each in having(reader, targets, name) or targets[:1]:
        try:
            found[each] = reader.read(each, name, value)
        except NotSupported as error:
            refusal = refusal or error
    if not found:
        raise refusal or NotSupported(f"Nothing can be found by {name[:64]!r}.")
    return found


def having(reader: Reads, resource_types: Sequence[str], name: str) -> Sequence[str]:
    """Return those of the types that have the parameter with which `name` begins."""
    code = _CODE.match(name)
    if code is None or code[0].startswith("_"):
        return resource_types
    return [each for each in resource_types if code[0] in reader.parameters.for_type(each)]


def _found(reader: Reads, inner: Mapping[str, Criterion]) -> Sequence[Found]:
    """Return what the inner criteria find, in one query for all types with the same condition."""
    groups: list[tuple[JsonObject, list[str]]] = []
    for resource_type, criterion in inner.items():
        same = next((types for each, types in groups if each == criterion.condition), None)
        if same is None:
            groups.append((criterion.condition, [resource_type]))
        else:
            same.append(resource_type)
    found: list[Found] = []
    for condition, types in groups:
        query = {"type": one_of(types)} | condition
        found += reader.lookup.matches(types, query, limit=MAX_FOUND + 1 - len(found))
        if len(found) > MAX_FOUND:
            break
    return found


def _looked_at(inner: Mapping[str, Criterion]) -> Iterable[tuple[str, str]]:
    for resource_type, criterion in inner.items():
        yield from criterion.inner
        if criterion.indexed is not None:
            yield resource_type, criterion.indexed
