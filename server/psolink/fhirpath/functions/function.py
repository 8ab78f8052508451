"""How a function of FHIRPath is declared."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from psolink.fhirpath.nodes import Collection

ANYTHING = "anything"
INPUT = "input"
ARGUMENT = "argument"
BOOLEAN = "System.Boolean"
STRING = "System.String"
INTEGER = "System.Integer"
DECIMAL = "System.Decimal"


class Takes(Enum):
    """What the function itself is given besides its input.

    - VALUES `(run, input, *collections)`: arguments are evaluated before.
    - CRITERIA `(scope, input, *evaluators)`: it evaluates them itself, in the scope of each item.
    - TYPE `(run, input, type_name)`: the argument names a type.
    - PATTERN `(run, input, pattern, *collections)`: the first is a regular expression, or None.
    - ORDER `(scope, input, *keys)`: pairs of whether a key descends, and its evaluator.
    """

    VALUES = auto()
    CRITERIA = auto()
    TYPE = auto()
    PATTERN = auto()
    ORDER = auto()


@dataclass(frozen=True, slots=True)
class Function:
    """One function: what computes it, what it takes, and how many arguments it may have.

    `gives` is the type of what it returns: the name of a type, ANYTHING, INPUT for the types of
    its input, or ARGUMENT for those of its last arguments.
    """

    apply: Callable[..., Collection]
    takes: Takes
    least: int
    most: int
    gives: str


def values(
    gives: str, apply: Callable[..., Collection], least: int = 0, most: int | None = None
) -> Function:
    """Return a function whose arguments are evaluated before it is called."""
    return Function(apply, Takes.VALUES, least, least if most is None else most, gives)


def criteria(
    gives: str, apply: Callable[..., Collection], least: int = 1, most: int | None = None
) -> Function:
    """Return a function that evaluates its arguments for each item."""
    return Function(apply, Takes.CRITERIA, least, least if most is None else most, gives)


def typed(gives: str, apply: Callable[..., Collection]) -> Function:
    """Return a function whose argument is the name of a type."""
    return Function(apply, Takes.TYPE, 1, 1, gives)


def pattern(gives: str, apply: Callable[..., Collection], least: int = 1) -> Function:
    """Return a function whose first argument is a regular expression."""
    return Function(apply, Takes.PATTERN, least, least, gives)
