"""The cases of search: data sets, and what each search must find in them.

Each file of `search/` belongs to one heading of the specification. It lists resources, made from
a template, and rules with their cases. A case says what must be found (`match`), which is to say
that everything else in the data set must not; or a part of it (`must`, `never`) where the
specification leaves room; or the `order`, the `include`d resources, the `total`, or the `status`
of a refusal. `{name}` in a resource or a search stands for the reference to a resource of the data
set, `{id:name}` for its id.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "search"
_PLACE = re.compile(r"\{(id:)?([A-Za-z]\w*)\}")
_OWN = "@"


@dataclass(frozen=True, slots=True)
class Rule:
    """One case, with the heading and the rule that it stands for."""

    name: str
    section: str
    rule: str
    type: str
    case: dict[str, Any]

    @property
    def path(self) -> str:
        """Where it is asked, below the base."""
        return str(self.case.get("at", f"/{self.case.get('type', self.type)}"))


@dataclass(frozen=True, slots=True)
class DataSet:
    """The resources that a file's cases are about, by name."""

    name: str
    resources: dict[str, dict[str, Any]]
    rules: tuple[Rule, ...]


def data_sets() -> list[DataSet]:
    """Return every data set with its rules."""
    return [_data_set(path) for path in sorted(FOLDER.glob("*.yaml"))]


def filled(value: Any, known: dict[str, str]) -> Any:
    """Return `value` with each place filled with the reference or id of what it names."""
    if isinstance(value, dict):
        return {name: filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    return (
        _PLACE.sub(lambda found: _named(found, known), value) if isinstance(value, str) else value
    )


def _named(found: re.Match[str], known: dict[str, str]) -> str:
    reference = known[found[2]]
    return reference.partition("/")[2] if found[1] else reference


def _data_set(path: Path) -> DataSet:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    template = read["template"]
    resources = {name: own.get(_OWN) or template | own for name, own in read["resources"].items()}
    return DataSet(path.stem, resources, tuple(_rules(path.stem, read)))


def _rules(name: str, read: dict[str, Any]) -> Iterator[Rule]:
    number = 0
    for rule in read["rules"]:
        for case in rule["cases"]:
            number += 1
            yield Rule(f"{name}.{number}", read["section"], rule["rule"], read["type"], case)
