"""What a search type is: how its values are indexed, and how criteria for it are read.

https://hl7.org/fhir/R4/search.html#ptypes
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from psolink.errors import ResourceNotFound
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.code_systems import CodeSystems

MAX_TEXT = 1000
"""Longer values are cut when they are indexed, and refused as criteria."""


class MalformedValue(Exception):
    """A value of criteria does not fit its parameter; the message says what would."""


@dataclass(frozen=True, slots=True)
class Source:
    """What indexing needs to know besides the value itself."""

    base_url: str
    resource_types: frozenset[str]
    code_systems: CodeSystems


class CodeSets(Protocol):
    """What the modifiers of tokens ask about codes. Codes are by code system."""

    def codes(self, value_set: str) -> Mapping[str, frozenset[str]]:
        """Return all codes of a value set; raise a `FhirError` where they are not known."""
        ...

    def below(self, system: str, code: str) -> frozenset[str] | None:
        """Return the code and those that it subsumes; None where that is not known."""
        ...

    def above(self, system: str, code: str) -> frozenset[str] | None:
        """Return the code and those that subsume it; None where that is not known."""
        ...


class NoCodeSets:
    """Knows of no code system and no value set."""

    def codes(self, value_set: str) -> Mapping[str, frozenset[str]]:
        """Refuse every value set."""
        raise ResourceNotFound(f"The value set {value_set} is not held here.")

    def below(self, _system: str, _code: str) -> frozenset[str] | None:
        """Return that it is not known."""
        return None

    def above(self, _system: str, _code: str) -> frozenset[str] | None:
        """Return that it is not known."""
        return None


NO_CODE_SETS: CodeSets = NoCodeSets()


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What reading a value of criteria needs to know besides the value itself.

    `targets` are the types that a reference parameter may point at, none for any type.
    `code_sets` is for the modifiers of tokens, `clock` for what is approximately a date. With
    `in_filter` the operators of `_filter` are modifiers, too.
    """

    base_url: str
    resource_types: frozenset[str]
    targets: tuple[str, ...] = ()
    code_sets: CodeSets = NO_CODE_SETS
    clock: Callable[[], datetime] = utc_now
    in_filter: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One value of criteria: its canonical text, escaped, and the condition that it sets."""

    text: str
    condition: JsonObject


Index = Callable[[Node, Source], Iterator[JsonObject]]
Parse = Callable[[str, Asked], Term]


@dataclass(frozen=True, slots=True)
class Modifier:
    """How a value is read after a modifier, and where what it looks at is kept.

    With `negates` the criterion holds where no item meets one of its terms. Items that only this
    modifier looks at are given by `index`, and kept in `array` under the code followed by
    `kept_as`; without an array it looks at those of the type.
    """

    parse: Parse
    negates: bool = False
    array: str | None = None
    kept_as: str = ""
    index: Mapping[str, Index] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchType:
    """One search type.

    `array` is where documents keep its values; the conditions of `parse` hold for one item of it.
    Without an array they hold for the document itself. `index` has a function for each FHIR type
    that values are taken from. `modifiers` are those of the type besides `missing`, which all
    with an array have; `of_type` is for the names of resource types as modifiers. With
    `keeps_presence` an element that has none of the values is kept all the same, for `:missing`.
    `operators` are those of `_filter` that no modifier means.
    What is not `is_extracted` is known of every document without looking into the resource. A type
    without an `index` of its own looks `among` the items of another parameter.
    """

    array: str | None
    index: Mapping[str, Index]
    parse: Parse
    modifiers: Mapping[str, Modifier] = field(default_factory=dict)
    operators: Mapping[str, Modifier] = field(default_factory=dict)
    of_type: Callable[[str], Modifier] | None = None
    keeps_presence: bool = True
    is_extracted: bool = True
    among: JsonObject = field(default_factory=dict)


def clipped(text: str) -> str:
    """Return `text` for the index: what is too long can be no criterion and stays too long."""
    return text[: MAX_TEXT + 1]


def checked(text: str) -> str:
    """Return `text` for a condition; raise `MalformedValue` if it is empty or too long."""
    if not text:
        raise MalformedValue("a value is expected, found nothing")
    if len(text) > MAX_TEXT:
        raise MalformedValue(f"at most {MAX_TEXT} characters are expected, found {len(text)}")
    return text
