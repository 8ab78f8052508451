"""Values with their FHIR type and the place where they were found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psolink.fhir_json import JsonObject


@dataclass(slots=True, eq=False)
class Node:
    """One item of a collection.

    `type` names a FHIR type (`HumanName`, `AdverseEvent.suspectEntity`) or a System type
    (`System.Integer`). `value` is the JSON value, None for a primitive that has only extensions.
    `content` is the JSON object with the children: the value itself, or for a primitive the
    property with the underscore.

    Nodes are never changed. They are not frozen, because a frozen dataclass takes seven times as
    long to make, and navigation makes one for each item it passes.
    """

    value: Any
    type: str
    content: Mapping[str, Any]
    parent: "Node | None" = None
    name: str = ""
    index: int | None = None

    @property
    def path(self) -> str:
        """The FHIRPath to this node, such as `Patient.name[0].given[1]`."""
        steps: list[str] = []
        node: Node = self
        while node.parent is not None:
            steps.append(node.name if node.index is None else f"{node.name}[{node.index}]")
            node = node.parent
        return ".".join([node.type, *reversed(steps)])


_MOST_DIGITS = 100

Collection = Sequence[Node]

NONE: Collection = ()
TRUE: Collection = (Node(value=True, type="System.Boolean", content={}),)
FALSE: Collection = (Node(value=False, type="System.Boolean", content={}),)


@dataclass(frozen=True, slots=True)
class Amount:
    """The value of a System.Quantity; its unit is of UCUM or a calendar duration, singular."""

    value: Decimal
    unit: str
    is_calendar: bool = False

    def __str__(self) -> str:
        """Return the amount as a literal: `4 'mg'` or `3 days`."""
        value = f"{self.value:f}" if abs(self.value.adjusted()) <= _MOST_DIGITS else self.value
        if not self.is_calendar:
            return f"{value} '{self.unit}'"
        return f"{value} {self.unit}{'' if self.value == 1 else 's'}"


def resource_node(resource: JsonObject) -> Node:
    """Return the node of a whole resource."""
    return Node(resource, resource["resourceType"], resource)


def element_node(type_name: str, value: Any) -> Node:  # noqa: ANN401 - any JSON value
    """Return a node for a value that is looked at on its own, without its resource."""
    return Node(value, type_name, value if isinstance(value, dict) else {})


def system_node(value: object, type_name: str) -> Node:
    """Return the node of a System type, such as `Integer`."""
    return Node(value, f"System.{type_name}", {})


def boolean(*, value: bool | None) -> Collection:
    """Return the collection of a truth value, none for None."""
    if value is None:
        return NONE
    return TRUE if value else FALSE


def integer(value: int) -> Collection:
    """Return one System.Integer."""
    return (system_node(value, "Integer"),)


def string(value: str) -> Collection:
    """Return one System.String."""
    return (system_node(value, "String"),)


def quantity(value: Amount) -> Collection:
    """Return one System.Quantity."""
    return (system_node(value, "Quantity"),)


def decimal(value: Decimal) -> Collection:
    """Return one System.Decimal."""
    return (system_node(value, "Decimal"),)
