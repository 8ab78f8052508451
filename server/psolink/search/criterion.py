"""One criterion, `code[:modifier]=value`, and the condition that it sets on a document.

https://hl7.org/fhir/R4/search.html#modifiers
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psolink.fhir_json import JsonObject
from psolink.search.conditions import any_of
from psolink.search.escapes import split
from psolink.search.registry import SearchParameter
from psolink.search.search_type import Asked, MalformedValue, Modifier, SearchType

_MISSING = "missing"
_SHOWN = 64


class NotSupported(Exception):
    """A parameter is not supported, which lenient handling passes over."""


class UnsupportedModifier(Exception):
    """A parameter does not have this modifier, which changes the meaning: never passed over."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion, read.

    `name` is the code with the modifier and `value` canonical, so that the pair can be asked
    again. `condition` is about the document. `indexed` is the code of the parameter whose values
    it looks at, None where it looks at the document itself. `inner` are the types and codes that
    it looked at in other resources.
    """

    name: str
    value: str
    condition: JsonObject
    indexed: str | None
    inner: tuple[tuple[str, str], ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        """The name and the canonical value."""
        return self.name, self.value


def split_name(name: str) -> tuple[str, str | None]:
    """Return the code and the modifier of the name of a parameter; None without one."""
    code, colon, modifier = name.partition(":")
    return code, modifier if colon else None


def read_criterion(
    parameter: SearchParameter, modifier: str | None, value: str, asked: Asked
) -> Criterion:
    """Return the criterion of a parameter.

    Raise `NotSupported` or `UnsupportedModifier`, or `MalformedValue` for a value that does not
    fit.
    """
    search_type = parameter.search_type
    if search_type is None:
        raise NotSupported(
            parameter.why_not
            or f"The parameter {parameter.code!r} of type {parameter.type} is not supported yet."
        )
    if modifier is None:
        return _read(parameter, search_type, Modifier(search_type.parse), value, asked)
    if modifier == _MISSING and search_type.array is not None:
        return _missing(parameter, search_type, value)
    found = _modifier(parameter, search_type, modifier, asked)
    return replace(
        _read(parameter, search_type, found, value, asked), name=f"{parameter.code}:{modifier}"
    )


def _read(
    parameter: SearchParameter,
    search_type: SearchType,
    modifier: Modifier,
    value: str,
    asked: Asked,
) -> Criterion:
    asked = replace(asked, targets=parameter.targets)
    terms = [modifier.parse(each, asked) for each in split(value, ",")]
    array = modifier.array or search_type.array
    condition = any_of([term.condition for term in terms])
    if array is not None:
        kept = {"p": parameter.key + modifier.kept_as} | search_type.among
        item = {"$elemMatch": kept | condition}
        condition = {array: {"$not": item} if modifier.negates else item}
    return Criterion(
        name=parameter.code,
        value=",".join(sorted({term.text for term in terms})),
        condition=condition,
        indexed=_indexed(parameter, search_type),
    )


def _indexed(parameter: SearchParameter, search_type: SearchType) -> str | None:
    """Return the code of the parameter whose values are looked at; None where it is none."""
    return search_type.among.get("p", parameter.key) if search_type.is_extracted else None


def _missing(parameter: SearchParameter, search_type: SearchType, value: str) -> Criterion:
    """Return the criterion that a parameter has a value, or none."""
    if value not in ("true", "false"):
        raise MalformedValue("true or false is expected after :missing")
    item = {"$elemMatch": {"p": parameter.key} | search_type.among}
    return Criterion(
        name=f"{parameter.code}:{_MISSING}",
        value=value,
        condition={str(search_type.array): {"$not": item} if value == "true" else item},
        indexed=_indexed(parameter, search_type),
    )


def _modifier(
    parameter: SearchParameter, search_type: SearchType, name: str, asked: Asked
) -> Modifier:
    found = search_type.modifiers.get(name)
    if found is None and asked.in_filter:
        found = search_type.operators.get(name)
    if found is None and search_type.of_type is not None and name in asked.resource_types:
        found = search_type.of_type(name)
    if found is None:
        raise UnsupportedModifier(_why_not(parameter, search_type, name))
    return found


def _why_not(parameter: SearchParameter, search_type: SearchType, name: str) -> str:
    """Return that a parameter does not have the modifier, and which it has."""
    known = modifiers_of(search_type)
    advice = f"It has {', '.join(f':{each}' for each in known)}." if known else "It has none."
    return f"The parameter {parameter.code!r} has no modifier {name[:_SHOWN]!r}. {advice}"


def modifiers_of(search_type: SearchType) -> Sequence[str]:
    """Return the names of the modifiers of a search type; those that are types are left out."""
    missing = [] if search_type.array is None else [_MISSING]
    return sorted([*search_type.modifiers, *missing])
