"""`_filter`: conditions that criteria side by side cannot express.

Every comparison is read as the criterion that means the same: `name co "pet"` is
`name:contains=pet`.

https://hl7.org/fhir/R4/search_filter.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from psolink.fhir_json import JsonObject
from psolink.search.chain import having
from psolink.search.criterion import Criterion, NotSupported, split_name
from psolink.search.filter_syntax import Comparison, Condition, Joined, Negated, parse_filter
from psolink.search.lookup import Reads
from psolink.search.registry import SearchParameter
from psolink.search.search_type import MalformedValue

FILTER = "_filter"

_PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})
_ORDERED = frozenset({"date", "number", "quantity"})
# The modifier that means what the operator does, by the type of the parameter.
_MODIFIERS: Mapping[str, Mapping[str, str]] = {
    "date": {"po": ":po"},
    "string": {"eq": ":exact", "co": ":contains", "sw": "", "ew": ":ew"},
    "token": {"eq": "", "in": ":in", "ni": ":not-in", "ss": ":above", "sb": ":below"},
    "reference": {"eq": "", "re": ""},
    "uri": {
        "eq": "",
        "co": ":co",
        "sw": ":sw",
        "ew": ":ew",
        "ss": ":above",
        "sb": ":below",
    },
}
_WHY_NOT: Mapping[str, str] = {
    **dict.fromkeys(("co", "sw", "ew"), "it is compared as a whole"),
    **dict.fromkeys(("gt", "lt", "ge", "le"), "its values have no order that everyone agrees on"),
    **dict.fromkeys(("sa", "eb"), "it is neither a date nor a number, before or after something"),
    **dict.fromkeys(("ss", "sb"), "only codes of a hierarchy and URIs lie above and below others"),
    **dict.fromkeys(("in", "ni"), "value sets hold codes"),
    "ap": "only dates, numbers and quantities are near to something",
    "po": "only dates and periods overlap",
    "re": "only references refer to something",
}


def read_filter(reader: Reads, resource_type: str, value: str) -> Criterion:
    """Return the criterion of a filter."""
    condition = parse_filter(value)
    reader = reader.in_filter()
    found = {each: _criterion(reader, resource_type, each) for each in set(comparisons(condition))}
    looked_at = {pair for each in found.values() for pair in each.inner}
    looked_at |= {(resource_type, each.indexed) for each in found.values() if each.indexed}
    return Criterion(
        name=FILTER,
        value=value.strip(),
        condition=_combined(condition, found),
        indexed=None,
        inner=tuple(sorted(looked_at)),
    )


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield the comparisons of a filter."""
    match condition:
        case Comparison():
            yield condition
        case Negated(part):
            yield from comparisons(part)
        case Joined(_, parts):
            for each in parts:
                yield from comparisons(each)


def _combined(condition: Condition, found: Mapping[Comparison, Criterion]) -> JsonObject:
    match condition:
        case Comparison():
            return found[condition].condition
        case Negated(part):
            return {"$nor": [_combined(part, found)]}
        case Joined(word, parts):
            return {f"${word}": [_combined(each, found) for each in parts]}


def _criterion(reader: Reads, resource_type: str, comparison: Comparison) -> Criterion:
    """Return the criterion that means what a comparison does."""
    path, operator, value = comparison.path, comparison.operator, comparison.value
    kind = _type_of(reader, resource_type, path)
    if operator == "pr":
        return reader.read(resource_type, f"{path}:missing", _opposite(path, value))
    if kind in _ORDERED and operator in _PREFIXES:
        return reader.read(resource_type, path, f"{operator}{_escaped(value, kind)}")
    modifiers = _MODIFIERS.get(kind, {})
    modifier = modifiers.get("eq" if operator == "ne" else operator)
    if modifier is None:
        raise NotSupported(_no_operator(path, operator, kind, modifiers))
    found = reader.read(resource_type, f"{path}{modifier}", _escaped(value, kind))
    if operator == "ne":
        return replace(found, condition={"$nor": [found.condition]})
    return found


def _type_of(reader: Reads, resource_type: str, path: str) -> str:
    """Return the type of the parameter at the end of a chain."""
    *links, last = path.split(".")
    types: Sequence[str] = (resource_type,)
    for link in links:
        code, target = split_name(link)
        having_it = having(reader, types, code) or types[:1]
        linked = [reader.parameter(each, code) for each in having_it]
        types = (target,) if target else _targets(reader, linked)
        if not reader.parameters.resource_types.issuperset(types):
            raise NotSupported(f"{target!r:.64} is no resource type of FHIR R4.")
    code, _ = split_name(last)
    return reader.parameter((having(reader, types, code) or types)[0], code).type


def _targets(reader: Reads, linked: Sequence[SearchParameter]) -> Sequence[str]:
    """Return the types that one of the parameters may refer to."""
    if any(not each.targets for each in linked):
        return sorted(reader.parameters.resource_types)
    return sorted({target for each in linked for target in each.targets})


def _opposite(path: str, value: str) -> str:
    if value not in ("true", "false"):
        raise MalformedValue(f"true or false is expected after {path[:64]} pr")
    return "false" if value == "true" else "true"


def _escaped(value: str, kind: str) -> str:
    """Return a value as criteria have it: a comma in a filter separates nothing."""
    special = r"[\\,|$]" if kind == "string" else r"[\\,]"
    return re.sub(special, r"\\\g<0>", value)


def _no_operator(path: str, operator: str, kind: str, modifiers: Mapping[str, str]) -> str:
    known = {*modifiers, "pr"} | ({"ne"} if "eq" in modifiers else set())
    if kind in _ORDERED:
        known |= _PREFIXES
    why = _WHY_NOT.get(operator, "there is no such operator")
    return (
        f"_filter: {path[:64]!r} is of type {kind} and is not compared by {operator[:16]!r}: {why}; "
        f"it takes {', '.join(sorted(known))}."
    )
