"""Load the R4 tables that `psolink definitions build` made."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec

from psolink.artifacts import artifact_dir
from psolink.definitions.model import (
    Compartment,
    Definitions,
    Element,
    Labels,
    OperationDefinition,
    SearchParameter,
    TypeDefinition,
)
from psolink.definitions.tables import CodeTable, TypeRow

_Table = TypeVar("_Table")


class DefinitionsMissing(Exception):
    """A table is not there, or is not what this version of the server reads."""


def load_definitions(folder: Path | None = None) -> Definitions:
    """Return the definitions in `folder`, by default those that ship with the server."""
    folder = folder or artifact_dir("profiles") / "r4"
    codes = _read(folder / "codes.json", CodeTable)
    return Definitions(
        types=_types(_read(folder / "types.json", tuple[TypeRow, ...])),
        search_parameters=_read(folder / "search_parameters.json", tuple[SearchParameter, ...]),
        compartments=_by_code(_read(folder / "compartments.json", tuple[Compartment, ...])),
        operations=_read(folder / "operations.json", tuple[OperationDefinition, ...]),
        value_sets=MappingProxyType(codes.value_sets),
        special_value_sets=frozenset(codes.special),
    )


def load_labels(folder: Path | None = None) -> Labels:
    """Return the labels in `folder`, by default those that ship with the server."""
    return _read((folder or artifact_dir("profiles") / "r4") / "labels.json", Labels)


def _read(path: Path, table: type[_Table]) -> _Table:
    try:
        return msgspec.json.decode(path.read_bytes(), type=table)
    except (OSError, msgspec.MsgspecError) as error:
        advice = "make it with `psolink definitions build`"
        raise DefinitionsMissing(f"cannot read the table {path}: {error}; {advice}") from error


def _types(rows: Iterable[TypeRow]) -> Mapping[str, TypeDefinition]:
    return MappingProxyType({row.name: _type(row) for row in rows})


def _type(row: TypeRow) -> TypeDefinition:
    return TypeDefinition(
        name=row.name,
        kind=row.kind,
        base=row.base,
        abstract=row.abstract,
        elements=MappingProxyType({element.name: element for element in row.elements}),
        choices=MappingProxyType(_choices(row.elements)),
        invariants=row.invariants,
        pattern=row.pattern,
        system_type=row.system_type,
    )


def _choices(elements: Iterable[Element]) -> dict[str, tuple[Element, ...]]:
    choices: dict[str, tuple[Element, ...]] = {}
    for element in elements:
        if element.choice_of is not None:
            choices[element.choice_of] = (*choices.get(element.choice_of, ()), element)
    return choices


def _by_code(compartments: Iterable[Compartment]) -> Mapping[str, Compartment]:
    return MappingProxyType({compartment.code: compartment for compartment in compartments})
