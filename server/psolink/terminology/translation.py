"""Translate codes by concept maps.

https://hl7.org/fhir/R4/conceptmap-operation-translate.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from psolink.fhir_json import JsonObject
from psolink.terminology.model import ConceptMap, MapElement, MapGroup, MapTarget
from psolink.terminology.verdict import Coding

_NO_TRANSLATION = frozenset({"unmatched", "disjoint"})
_REVERSED = {
    "wider": "narrower",
    "narrower": "wider",
    "subsumes": "specializes",
    "specializes": "subsumes",
}
_LONGEST_CHAIN = 5


@dataclass(frozen=True, slots=True)
class Translation:
    """What a code becomes, how the two compare, and the map that says so."""

    equivalence: str
    system: str | None
    code: str | None
    display: str | None
    source: str | None

    def to_json(self) -> JsonObject:
        """Return the `match` of the operation's result."""
        coding = {"system": self.system, "code": self.code, "display": self.display}
        concept = {name: value for name, value in coding.items() if value}
        part: list[JsonObject] = [{"name": "equivalence", "valueCode": self.equivalence}]
        part += [{"name": "concept", "valueCoding": concept}] if self.code else []
        part += [{"name": "source", "valueUri": self.source}] if self.source else []
        return {"name": "match", "part": part}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which maps to go by, and which way; None is any."""

    source_set: str | None = None
    target_set: str | None = None
    target_system: str | None = None
    is_reverse: bool = False

    def suits(self, concept_map: ConceptMap) -> bool:
        """Tell whether a map leads from and to the value sets that are asked for."""
        ends = (concept_map.source, concept_map.target)
        source, target = ends[::-1] if self.is_reverse else ends
        return self.source_set in (None, source) and self.target_set in (None, target)


def translate(
    maps: Iterable[ConceptMap],
    coding: Coding,
    wanted: Wanted,
    others: Mapping[str, ConceptMap],
) -> list[Translation]:
    """Return the translations of a code; `others` are the maps that a map may refer on to."""
    one_way = _backward if wanted.is_reverse else _forward
    return [
        found
        for each in maps
        if wanted.suits(each)
        for found in one_way(each, coding, others, 1)
        if wanted.target_system in (None, found.system)
    ]


def to_parameters(found: Sequence[Translation], coding: Coding) -> JsonObject:
    """Return the Parameters of `$translate`."""
    is_translated = any(each.equivalence not in _NO_TRANSLATION for each in found)
    parameter: list[JsonObject] = [{"name": "result", "valueBoolean": is_translated}]
    if not is_translated:
        text = f"There is no translation of {coding.shown}."
        parameter.append({"name": "message", "valueString": text})
    parameter += [each.to_json() for each in found]
    return {"resourceType": "Parameters", "parameter": parameter}


def _forward(
    concept_map: ConceptMap, coding: Coding, others: Mapping[str, ConceptMap], steps: int
) -> Iterator[Translation]:
    for group in concept_map.group:
        if coding.system not in (None, group.source):
            continue
        elements = [each for each in group.element if each.code == coding.code]
        for element in elements:
            for target in element.target:
                yield _translation(concept_map, group.target, target)
        if not elements:
            yield from _unmapped(concept_map, group, coding, others, steps)


def _backward(
    concept_map: ConceptMap, coding: Coding, _others: object, _steps: object
) -> Iterator[Translation]:
    for group in concept_map.group:
        if coding.system not in (None, group.target):
            continue
        for element in group.element:
            for target in element.target:
                if target.code == coding.code:
                    yield _translation(concept_map, group.source, _turned(element, target))


def _turned(element: MapElement, target: MapTarget) -> MapTarget:
    equivalence = _REVERSED.get(target.equivalence, target.equivalence)
    return MapTarget(element.code, element.display, equivalence)


def _translation(concept_map: ConceptMap, system: str | None, target: MapTarget) -> Translation:
    return Translation(target.equivalence, system, target.code, target.display, concept_map.url)


def _unmapped(
    concept_map: ConceptMap,
    group: MapGroup,
    coding: Coding,
    others: Mapping[str, ConceptMap],
    steps: int,
) -> Iterator[Translation]:
    unmapped = group.unmapped
    match unmapped and unmapped.mode:
        case "provided":
            target = MapTarget(coding.code, coding.display, "equal")
            yield _translation(concept_map, group.target, target)
        case "fixed" if unmapped:
            target = MapTarget(unmapped.code, unmapped.display, "inexact")
            yield _translation(concept_map, group.target, target)
        case "other-map" if unmapped:
            other = others.get(unmapped.url or "")
            if other and steps < _LONGEST_CHAIN:
                yield from _forward(other, coding, others, steps + 1)
