"""Select the concepts of a code system by the filters of a value set.

https://hl7.org/fhir/R4/valueset.html#ValueSet.compose.include.filter
"""

import re
from collections.abc import Callable, Iterable, Mapping

from psolink.terminology.code_system_index import CodeSystemIndex
from psolink.terminology.failures import FilterNotSupported, InvalidTerminology
from psolink.terminology.membership import Codes
from psolink.terminology.model import Filter

_OF_THE_CODE = frozenset({"concept", "code"})
# What these say of a concept that is silent: https://hl7.org/fhir/R4/codesystem-concept-properties.html
_FALSE_UNLESS_SAID = frozenset({"notSelectable", "inactive"})
_LONGEST_REGEX = 200
_MOST_REPETITIONS = 4
_REPETITION = re.compile(r"[*+?{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_NOT_REGULAR = re.compile(r"\(\?(?!:)|\\[0-9]")

_Select = Callable[[CodeSystemIndex, Filter], Iterable[str]]


def select(index: CodeSystemIndex, filters: Iterable[Filter]) -> Codes:
    """Return the codes that pass every filter; raise a `FhirError` where one cannot be applied."""
    codes = frozenset(index.concepts)
    for each in filters:
        operator = _OPERATORS.get(each.op)
        if operator is None:
            known = ", ".join(_OPERATORS)
            raise FilterNotSupported(f"The filter operator {each.op!r} is none of {known}.")
        codes &= frozenset(operator(index, each))
    return codes


def _is_a(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    code = _top(index, condition)
    return {code, *index.descendants(code)}


def _descendent_of(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    return index.descendants(_top(index, condition))


def _is_not_a(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    return index.concepts.keys() - frozenset(_is_a(index, condition))


def _generalizes(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    code = _top(index, condition)
    return {code, *index.ancestors(code)}


def _equal(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    return _having(index, condition, lambda value: value == condition.value)


def _in(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    listed = _listed(condition)
    return _having(index, condition, lambda value: value in listed)


def _not_in(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    return index.concepts.keys() - frozenset(_in(index, condition))


def _regex(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    pattern = _compiled(condition.value)
    return _having(index, condition, lambda value: pattern.fullmatch(value) is not None)


def _exists(index: CodeSystemIndex, condition: Filter) -> Iterable[str]:
    having = frozenset(_having(index, condition, lambda _value: True))
    match condition.value:
        case "true":
            return having
        case "false":
            return index.concepts.keys() - having
        case other:
            raise InvalidTerminology(f"The filter 'exists' takes true or false, found {other!r}.")


_OPERATORS: Mapping[str, _Select] = {
    "=": _equal,
    "is-a": _is_a,
    "descendent-of": _descendent_of,
    "is-not-a": _is_not_a,
    "regex": _regex,
    "in": _in,
    "not-in": _not_in,
    "generalizes": _generalizes,
    "exists": _exists,
}


def _top(index: CodeSystemIndex, condition: Filter) -> str:
    """Return the code that a filter on the hierarchy starts from."""
    url = index.definition.url
    if condition.property not in _OF_THE_CODE:
        raise FilterNotSupported(
            f"The filter {condition.op!r} goes by the property 'concept', "
            f"found {condition.property!r}."
        )
    if not index.has_subsumption:
        meaning = index.definition.hierarchy_meaning
        raise FilterNotSupported(
            f"What is below a concept of {url} is not of its kind: its hierarchy means {meaning!r}."
        )
    concept = index.find(condition.value)
    if concept is None:
        raise InvalidTerminology(
            f"A filter {condition.op!r} names the code {condition.value!r}, which {url} has not."
        )
    return concept.code


def _having(
    index: CodeSystemIndex, condition: Filter, passes: Callable[[str], bool]
) -> Iterable[str]:
    values = _values(index, condition.property)
    return (code for code in index.concepts if any(passes(value) for value in values(code)))


def _values(index: CodeSystemIndex, name: str) -> Callable[[str], tuple[str, ...]]:
    """Return what gives the values of a property, `concept`, `display` and kin among them."""
    if name in _OF_THE_CODE:
        return lambda code: (code,)
    if name == "display":
        return lambda code: (index.concepts[code].display or "",)
    if name in ("parent", "child"):
        related = index.parents if name == "parent" else index.children
        return lambda code: tuple(related.get(code, ()))
    _require_property(index, name)
    silence = ("false",) if name in _FALSE_UNLESS_SAID else ()
    return lambda code: index.values(code, name) or silence


def _require_property(index: CodeSystemIndex, name: str) -> None:
    known = {each.code for each in index.definition.property} | _FALSE_UNLESS_SAID
    if name not in known:
        listed = ", ".join(sorted(known | {"concept", "display", "parent", "child"}))
        raise FilterNotSupported(
            f"{index.definition.url} has no property {name!r} to filter by; it has {listed}."
        )


def _listed(condition: Filter) -> Codes:
    return frozenset(each.strip() for each in condition.value.split(","))


def _compiled(text: str) -> re.Pattern[str]:
    """Return the expression if it cannot take long, whatever it is matched with."""
    bare = _ESCAPED_OR_CLASS.sub("x", text)
    if (
        len(text) > _LONGEST_REGEX
        or len(_REPETITION.findall(bare)) > _MOST_REPETITIONS
        or _REPEATED_GROUP.search(bare)
        or _NOT_REGULAR.search(text)
    ):
        raise FilterNotSupported(
            f"A regular expression of at most {_LONGEST_REGEX} characters and {_MOST_REPETITIONS} "
            "repetitions is taken, without repeated groups, look-around and back-references."
        )
    try:
        return re.compile(text)
    except re.error as error:
        raise InvalidTerminology(f"{text!r} is no regular expression: {error.msg}.") from None
