"""The mapping data of one version of the Common Formats, loaded and checked as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psolink.definitions import Definitions
from psolink.mapping.broken import MappingBroken
from psolink.mapping.concept_maps import ConceptMap, Translation
from psolink.mapping.dictionary import Clause, Dictionary, Element, Form
from psolink.mapping.rules import RuleCompiler, RuleSet
from psolink.mapping.schemas import ConceptMapSchema, FormSchema
from psolink.mapping.yaml_files import name_of, read

EVENT = "AdverseEvent"


@dataclass(frozen=True, slots=True)
class Library:
    """The dictionary, the rules of the AdverseEvent and of its companions, and the concept maps."""

    dictionary: Dictionary
    event: RuleSet
    companions: tuple[RuleSet, ...]
    concept_maps: tuple[ConceptMap, ...]

    def reason_to_keep(self, element: Element) -> str | None:
        """Return why no rule takes the answers to `element`."""
        return next(
            (each.kept[element.id] for each in self.rule_sets if element.id in each.kept), None
        )

    @property
    def rule_sets(self) -> tuple[RuleSet, ...]:
        """All rules."""
        return (self.event, *self.companions)


def load_library(folder: Path, definitions: Definitions) -> Library:
    """Return what lies in `folder`; raise `MappingBroken` where it does not hold together."""
    forms = {name_of(path): read(path, FormSchema()) for path in _files(folder, "dictionary")}
    for where, form in forms.items():
        _require_consistent(where, form, tuple(forms.values()))
    dictionary = Dictionary(tuple(forms.values()))
    maps = {each.name: each for each in map(_concept_map, _files(folder, "concept-maps"))}
    compiler = RuleCompiler(dictionary, definitions, maps)
    rule_sets = tuple(compiler.load(path) for path in _files(folder, "rules"))
    _require_complete(folder, dictionary, rule_sets)
    event, *companions = rule_sets
    return Library(dictionary, event, tuple(companions), tuple(maps.values()))


def _files(folder: Path, kind: str) -> list[Path]:
    found = sorted((folder / kind).glob("*.yaml"))
    if not found:
        raise MappingBroken(f"{folder / kind}: there is no .yaml file")
    return found


def _concept_map(path: Path) -> ConceptMap:
    content = read(path, ConceptMapSchema())
    codes = content.pop("codes")
    translations = {entry["source"]: Translation(**entry) for entry in codes}
    if len(translations) < len(codes):
        raise MappingBroken(f"{name_of(path)}: the same code is translated twice")
    return ConceptMap(translations=translations, **content)


def _require_consistent(where: str, form: Form, forms: tuple[Form, ...]) -> None:
    elements = {each.id: each for each in _elements(forms)}
    groups = {group.id for group in form.groups}
    _require_clauses(f"{where}, when", form.when, elements)
    for element in form.elements:
        here = f"{where}, {element.id}"
        if element != elements[element.id]:
            raise MappingBroken(f"{here}: two forms describe this element differently")
        if element.group is not None and element.group not in groups:
            raise MappingBroken(f"{here}: the form has no group {element.group}")
        _require_clauses(f"{here}, when", element.when, elements)


def _elements(forms: tuple[Form, ...]) -> Iterator[Element]:
    return (element for form in forms for element in form.elements)


def _require_clauses(where: str, clauses: tuple[Clause, ...], elements: dict[str, Element]) -> None:
    for clause in clauses:
        if clause.element not in elements:
            raise MappingBroken(f"{where}: no dictionary has an element {clause.element}")
        for code in clause.codes:
            if elements[clause.element].option(code) is None:
                raise MappingBroken(f"{where}: {clause.element} has no answer {code}")


def _require_complete(folder: Path, dictionary: Dictionary, rule_sets: tuple[RuleSet, ...]) -> None:
    placed = [each.placement is not None for each in rule_sets]
    if rule_sets[0].resource_type != EVENT or placed != [False, *[True] * (len(placed) - 1)]:
        raise MappingBroken(
            f"{folder / 'rules'}: the first file is for {EVENT}, all others are for companions with "
            "for_each and referenced_by"
        )
    settled = {name for each in rule_sets for name in (*each.sources, *each.kept)}
    open_ids = [element for element in dictionary.elements if element not in settled]
    if open_ids:
        names = ", ".join(open_ids)
        raise MappingBroken(f"{folder / 'rules'}: neither a rule nor `kept` names {names}")
