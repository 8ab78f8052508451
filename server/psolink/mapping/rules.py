"""Rules: data says from which answers to which element, a named function says how."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psolink.definitions import Definitions
from psolink.mapping.broken import MappingBroken
from psolink.mapping.concept_maps import ConceptMap
from psolink.mapping.dictionary import Dictionary, Group
from psolink.mapping.functions import FUNCTIONS, Function
from psolink.mapping.schemas import RuleFileSchema
from psolink.mapping.targets import NoSuchElement, Target, compile_target
from psolink.mapping.yaml_files import name_of, read


@dataclass(frozen=True, slots=True)
class Rule:
    """The answers to `sources` go to `target`, as `function` makes them."""

    name: str
    sources: tuple[str, ...]
    target: Target
    function: Function


@dataclass(frozen=True, slots=True)
class Placement:
    """One resource for each occurrence of a group, and where the AdverseEvent refers to it."""

    for_each: Group
    referenced_by: Target


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules for one resource type; a companion of the AdverseEvent has a placement.

    `kept` says of elements why their answers stay where they are.
    """

    resource_type: str
    rules: tuple[Rule, ...]
    kept: Mapping[str, str]
    placement: Placement | None

    @property
    def sources(self) -> frozenset[str]:
        """The elements that some rule maps."""
        return frozenset(source for rule in self.rules for source in rule.sources)


@dataclass(frozen=True, slots=True)
class RuleCompiler:
    """Turns rule files into rules, checking each word against what it names."""

    dictionary: Dictionary
    definitions: Definitions
    concept_maps: Mapping[str, ConceptMap]

    def load(self, path: Path) -> RuleSet:
        """Return the rules in the file; raise `MappingBroken` at the first that names nothing."""
        content = read(path, RuleFileSchema())
        where, resource_type = name_of(path), content["target"]
        rules = tuple(
            self._rule(f"{where}, rule {number}", resource_type, entry)
            for number, entry in enumerate(content["rules"], 1)
        )
        return RuleSet(
            resource_type,
            rules,
            dict(self._kept(where, content["kept"])),
            self._placement(where, content["for_each"], content["referenced_by"]),
        )

    def _rule(self, where: str, resource_type: str, entry: dict[str, Any]) -> Rule:
        for source in entry["sources"]:
            self._require_element(where, source)
        target = self._target(where, f"{resource_type}.{entry['target']}")
        function = self._function(where, entry["using"], target)
        self._require_fit(where, entry["sources"], function, target)
        return Rule(where, tuple(entry["sources"]), target, function)

    def _require_element(self, where: str, element: str) -> None:
        if element not in self.dictionary.elements:
            raise MappingBroken(f"{where}: no dictionary has an element {element}")

    def _target(self, where: str, path: str) -> Target:
        try:
            return compile_target(self.definitions, path)
        except NoSuchElement as error:
            raise MappingBroken(f"{where}: {error}") from error

    def _function(self, where: str, name: str, target: Target) -> Function:
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        if name not in self.concept_maps:
            known = ", ".join(sorted({*FUNCTIONS, *self.concept_maps}))
            raise MappingBroken(f"{where}: there is no function or concept map {name} ({known})")
        self._require_codes(where, self.concept_maps[name], target)
        return self.concept_maps[name].function(target.type)

    def _require_codes(self, where: str, concept_map: ConceptMap, target: Target) -> None:
        for found in concept_map.translations.values():
            if target.codes is not None and found.code not in target.codes:
                known = ", ".join(sorted(target.codes))
                raise MappingBroken(
                    f"{where}: {concept_map.name} leads to {found.code}, and {target.path} takes {known}"
                )

    def _require_fit(
        self, where: str, sources: Sequence[str], function: Function, target: Target
    ) -> None:
        if target.type not in function.makes:
            makes = " or ".join(function.makes)
            raise MappingBroken(
                f"{where}: {function.name} makes {makes}, and {target.path} is {target.type}"
            )
        for source in sources:
            element_type = self.dictionary.elements[source].type
            if element_type not in function.reads:
                reads = " or ".join(function.reads)
                raise MappingBroken(
                    f"{where}: {function.name} reads {reads}, and {source} is {element_type}"
                )

    def _kept(self, where: str, entries: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        for number, entry in enumerate(entries, 1):
            for source in entry["sources"]:
                self._require_element(f"{where}, kept {number}", source)
                yield source, entry["because"]

    def _placement(self, where: str, group: str | None, path: str | None) -> Placement | None:
        if group is None and path is None:
            return None
        if group is None or path is None:
            raise MappingBroken(f"{where}: a companion has both for_each and referenced_by")
        if group not in self.dictionary.groups:
            raise MappingBroken(f"{where}, for_each: no dictionary has a group {group}")
        target = self._target(f"{where}, referenced_by", path)
        if target.type != "Reference":
            raise MappingBroken(f"{where}, referenced_by: {path} is {target.type} and no Reference")
        return Placement(self.dictionary.groups[group], target)
