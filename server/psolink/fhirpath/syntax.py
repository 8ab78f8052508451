"""The abstract syntax tree of an expression. Every node knows its offset, `at`.

Paths and unions are flat, so that the depth of a tree is the nesting that a person sees.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written down; `type` is the name of a System type, such as `Integer`."""

    type: str
    value: bool | int | Decimal | str
    at: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit: `4 'mg'` or `3 days`."""

    value: Decimal
    unit: str
    is_calendar: bool
    at: int


@dataclass(frozen=True, slots=True)
class Empty:
    """The empty collection, `{}`."""

    at: int


@dataclass(frozen=True, slots=True)
class Special:
    """`$this`, `$index` or `$total`."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class External:
    """A value that the environment gives, such as `%resource`."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """An element, or at the start of a path perhaps a type."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, which are not evaluated yet."""

    name: str
    arguments: "tuple[Expression, ...]"
    at: int


@dataclass(frozen=True, slots=True)
class Indexer:
    """One item by its position: `[0]`."""

    index: "Expression"
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """A start and what is then done with it, from left to right."""

    start: "Expression"
    steps: tuple[Name | Call | Indexer, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign before an expression, or the direction `asc` or `desc` after a key of `sort`."""

    operator: str
    operand: "Expression"
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two expressions."""

    operator: str
    left: "Expression"
    right: "Expression"
    at: int


@dataclass(frozen=True, slots=True)
class TypeOperation:
    """`is` or `as` with the name of a type, such as `FHIR.Patient`."""

    operator: str
    operand: "Expression"
    type: str
    at: int


@dataclass(frozen=True, slots=True)
class Union:
    """Two or more expressions joined by `|`."""

    operands: "tuple[Expression, ...]"
    at: int


Expression = (
    Literal
    | Quantity
    | Empty
    | Special
    | External
    | Name
    | Call
    | Path
    | Unary
    | Binary
    | TypeOperation
    | Union
)
