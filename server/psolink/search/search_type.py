"""What a search type is: how its values are indexed, and how criteria for it are read.

https://hl7.org/fhir/R4/search.html#ptypes
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Asked:
    """What reading a value of criteria needs to know besides the value itself.

    `targets` are the types that a reference parameter may point at, none for any type.
    """

    base_url: str
    resource_types: frozenset[str]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One value of criteria: its canonical text, escaped, and the condition that it sets."""

    text: str
    condition: JsonObject


Index = Callable[[Node, Source], Iterator[JsonObject]]
Parse = Callable[[str, Asked], Term]


@dataclass(frozen=True, slots=True)
class SearchType:
    """One search type.

    `array` is where documents keep its values; the conditions of `parse` hold for one item of it.
    Without an array they hold for the document itself. `index` has a function for each FHIR type
    that values are taken from.
    """

    array: str | None
    index: Mapping[str, Index]
    parse: Parse


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
