"""What is sent along with matches: what they refer to, and what refers to them.

https://hl7.org/fhir/R4/search.html#include
"""

from dataclasses import dataclass

from psolink.search.criterion import NotSupported
from psolink.search.registry import SearchParameters
from psolink.search.search_type import MalformedValue

ANY = "*"

REFERENCES = ("reference",)
"""The fields of a document that say what it refers to."""

_ITERATES = ("iterate", "recurse")
_FORM = "Type:parameter, Type:parameter:Target, Type:* or * is expected"
_MAX_PARTS = 3


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include`, or `_revinclude` where it is reverse; `*` stands for any type or parameter.

    `key` is what documents call the parameter.
    """

    source: str
    key: str
    target: str | None
    is_reverse: bool
    iterates: bool


def read_include(name: str, value: str, parameters: SearchParameters) -> Include:
    """Return the rule that the parameter sets.

    Raise `MalformedValue`, or `NotSupported` where there is no such reference.
    """
    plain, _, modifier = name.partition(":")
    if modifier and modifier not in _ITERATES:
        raise NotSupported(f"{plain} has no modifier {modifier[:64]!r}. It has :iterate.")
    is_reverse, iterates = plain == "_revinclude", bool(modifier)
    if value == ANY:
        return Include(ANY, ANY, None, is_reverse, iterates)
    parts = value.split(":")
    if not 1 < len(parts) <= _MAX_PARTS or not all(parts):
        raise MalformedValue(f"{_FORM} after {plain}, found {value[:64]!r}")
    source, code, target = parts[0], parts[1], parts[2] if len(parts) == _MAX_PARTS else None
    for each in (source, target):
        if each is not None and each not in parameters.resource_types:
            raise MalformedValue(f"{each[:64]!r} is no resource type of FHIR R4; {_FORM}")
    if code != ANY:
        code = _key(parameters, source, code, target)
    return Include(source, code, target, is_reverse, iterates)


def includes_of(parameters: SearchParameters, resource_type: str) -> list[str]:
    """Return what `_include` takes for a type, such as `AdverseEvent:subject`."""
    return [
        f"{resource_type}:{each.code}"
        for each in parameters.supported_parameters(resource_type)
        if each.type == "reference"
    ]


def reverse_includes_of(parameters: SearchParameters, resource_type: str) -> list[str]:
    """Return what `_revinclude` takes for a type: `*`, and the parameters that name it as a target."""
    return [
        ANY,
        *(
            f"{source}:{each.code}"
            for source in sorted(parameters.resource_types)
            for each in parameters.supported_parameters(source)
            if each.type == "reference" and resource_type in each.targets
        ),
    ]


def _key(parameters: SearchParameters, source: str, code: str, target: str | None) -> str:
    found = parameters.for_type(source).get(code)
    if found is None or found.type != "reference" or found.search_type is None:
        known = [each.partition(":")[2] for each in includes_of(parameters, source)]
        raise NotSupported(
            f"{source} has no reference parameter {code[:64]!r}. It has {', '.join(known)}."
        )
    if target is not None and found.targets and target not in found.targets:
        raise NotSupported(
            f"{code!r} of {source} does not refer to {target}, but to {', '.join(found.targets)}."
        )
    return found.key
