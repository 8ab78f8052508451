"""The table of UCUM's units, read when the first unit is.

`psolink definitions units` makes it from UCUM's own file.
"""

from collections.abc import Mapping
from functools import cache

import msgspec
from msgspec import Struct

from psolink.artifacts import artifact_dir


class UnitRow(Struct, frozen=True, omit_defaults=True, gc=False, rename="camel"):
    """A unit that is defined by another one: `value` times `unit`.

    A metric unit takes prefixes. An arbitrary one is a dimension of its own: nothing converts to
    it. `special` names the function of a unit whose scale does not start at zero.
    """

    value: str
    unit: str
    metric: bool = False
    arbitrary: bool = False
    special: str = ""


class UnitTable(Struct, frozen=True):
    """The content of units.json; the longest prefixes come first."""

    version: str
    prefixes: Mapping[str, str]
    base: tuple[str, ...]
    units: Mapping[str, UnitRow]


@cache
def unit_table() -> UnitTable:
    """Return the table."""
    content = (artifact_dir("profiles") / "ucum" / "units.json").read_bytes()
    return msgspec.json.decode(content, type=UnitTable)
