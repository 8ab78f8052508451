"""The parameters that are about the form of a result and not about what matches.

https://hl7.org/fhir/R4/search.html#return
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from psolink.search.search_type import MalformedValue

CURSOR = "_cursor"
TOTALS = ("none", "estimate", "accurate")
CONTAINED = ("false", "true", "both")
CONTAINED_TYPES = ("container", "contained")
SUMMARIES = ("true", "text", "data", "count", "false")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,100}", re.ASCII)
_SHOWN = 64
_INCLUDES = ("_include", "_revinclude")

RESULT_PARAMETERS = frozenset(
    {
        "_contained",
        "_containedType",
        "_count",
        "_cursor",
        "_elements",
        "_format",
        "_include",
        "_pretty",
        "_revinclude",
        "_score",
        "_sort",
        "_summary",
        "_total",
        "_type",
    }
)
"""What has no place among criteria."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ResultParameters:
    """How a result is asked for. `used` are the parameters in the order in which they came."""

    count: int | None = None
    cursor: str | None = None
    sort: str | None = None
    total: str = "estimate"
    summary: str = "false"
    contained: str = "false"
    contained_type: str = "container"
    elements: tuple[str, ...] = ()
    includes: tuple[Pair, ...] = ()
    used: tuple[Pair, ...] = field(default=())

    @property
    def is_count_alone(self) -> bool:
        """True where the number of matches is wanted and none of them."""
        return self.count == 0 or self.summary == "count"


def read_result_parameters(pairs: Sequence[Pair]) -> tuple[ResultParameters, list[Pair]]:
    """Return what is about the form, and the other pairs.

    Raise `MalformedValue` for a value that the specification does not have.
    """
    found, rest = ResultParameters(), []
    for name, value in pairs:
        if name.partition(":")[0] in _INCLUDES:
            found = replace(found, includes=(*found.includes, (name, value)))
            continue
        read = _READ.get(name)
        if read is None:
            rest.append((name, value))
        else:
            found = read(found, value)
            if name not in ("_count", CURSOR):
                found = replace(found, used=(*found.used, (name, value)))
    if found.elements and found.summary != "false":
        raise MalformedValue("_elements and _summary exclude each other; send one of them")
    return found, rest


def _count(found: ResultParameters, value: str) -> ResultParameters:
    if not _WHOLE_NUMBER.fullmatch(value):
        raise MalformedValue(f"_count must be a whole number of entries, and is {value[:_SHOWN]!r}")
    return replace(found, count=int(value))


def _cursor(found: ResultParameters, value: str) -> ResultParameters:
    return replace(found, cursor=value)


def _sort(found: ResultParameters, value: str) -> ResultParameters:
    # Repeated, it goes on where the first one ends.
    return replace(found, sort=value if found.sort is None else f"{found.sort},{value}")


def _total(found: ResultParameters, value: str) -> ResultParameters:
    return replace(found, total=_one_of("_total", TOTALS, value))


def _summary(found: ResultParameters, value: str) -> ResultParameters:
    return replace(found, summary=_one_of("_summary", SUMMARIES, value))


def _elements(found: ResultParameters, value: str) -> ResultParameters:
    names = tuple(each.strip() for each in value.split(",") if each.strip())
    if not names or not all(_NAME.fullmatch(each) for each in names):
        raise MalformedValue("_elements takes names of elements, such as identifier,status")
    return replace(found, elements=(*found.elements, *names))


def _contained(found: ResultParameters, value: str) -> ResultParameters:
    return replace(found, contained=_one_of("_contained", CONTAINED, value))


def _contained_type(found: ResultParameters, value: str) -> ResultParameters:
    return replace(found, contained_type=_one_of("_containedType", CONTAINED_TYPES, value))


def _one_of(name: str, allowed: Sequence[str], value: str) -> str:
    if value not in allowed:
        raise MalformedValue(f"{name} is one of {', '.join(allowed)}, and is {value[:_SHOWN]!r}")
    return value


_READ: Mapping[str, Callable[[ResultParameters, str], ResultParameters]] = {
    "_count": _count,
    CURSOR: _cursor,
    "_sort": _sort,
    "_total": _total,
    "_contained": _contained,
    "_containedType": _contained_type,
    "_summary": _summary,
    "_elements": _elements,
}
