"""The files under profiles/r4: their rows, and how they are written.

A row is a line, so that a change of one row is a change of one line.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from psolink.definitions.model import Element, Invariant, Kind, Labels
from psolink.units.table import UnitTable


class TypeRow(Struct, frozen=True, omit_defaults=True, gc=False, rename="camel"):
    """A row of types.json; see `psolink.definitions.model.TypeDefinition`."""

    name: str
    kind: Kind
    base: str | None = None
    abstract: bool = False
    pattern: str | None = None
    system_type: str | None = None
    invariants: tuple[Invariant, ...] = ()
    elements: tuple[Element, ...] = ()


class CodeTable(Struct, frozen=True, rename="camel"):
    """The content of codes.json: codes by value set and code system, and the sets that no list can hold."""

    special: tuple[str, ...]
    value_sets: dict[str, dict[str, frozenset[str]]]


def types_table(rows: Iterable[TypeRow]) -> bytes:
    """Return types.json: a line for each type, and under it one for each of its elements."""
    return _array(map(_type_lines, sorted(rows, key=lambda row: row.name))) + b"\n"


def rows_table(rows: Iterable[Struct]) -> bytes:
    """Return an array with one row on each line."""
    return _array(map(_encode, rows)) + b"\n"


def codes_table(table: CodeTable) -> bytes:
    """Return codes.json, one code system on each line."""
    value_sets = (
        (url, _object((system, _encode(sorted(codes))) for system, codes in sorted(found.items())))
        for url, found in sorted(table.value_sets.items())
    )
    special = _array(map(_encode, table.special))
    return _object([("special", special), ("valueSets", _object(value_sets))]) + b"\n"


def keyed_table(rows: Iterable[tuple[str, object]]) -> bytes:
    """Return an object with one keyed row on each line."""
    return _object((key, _encode(row)) for key, row in rows) + b"\n"


def labels_table(labels: Labels) -> bytes:
    """Return labels.json, one label on each line."""
    parts = (
        (name, _object((key, _encode(text)) for key, text in getattr(labels, name).items()))
        for name in Labels.__struct_fields__
    )
    return _object(parts) + b"\n"


def object_table(properties: Iterable[tuple[str, str]]) -> bytes:
    """Return an object with one property on each line."""
    return _object((key, _encode(value)) for key, value in properties) + b"\n"


def units_table(table: UnitTable) -> bytes:
    """Return units.json, one unit on each line."""
    lines = _object((code, _encode(row)) for code, row in table.units.items())
    parts = {name: _encode(getattr(table, name)) for name in ("version", "prefixes", "base")}
    return _object([*parts.items(), ("units", lines)]) + b"\n"


def _type_lines(row: TypeRow) -> bytes:
    head = _encode(msgspec.structs.replace(row, elements=()))
    if not row.elements:
        return head
    return head[:-1] + b',"elements":' + _array(map(_encode, row.elements)) + b"}"


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value)


def _array(lines: Iterable[bytes]) -> bytes:
    return b"[\n" + b",\n".join(lines) + b"\n]"


def _object(properties: Iterable[tuple[str, bytes]]) -> bytes:
    return b"{\n" + b",\n".join(_encode(key) + b": " + value for key, value in properties) + b"\n}"
