"""From a node to its children."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from psolink.fhirpath.model import Member, Model
from psolink.fhirpath.nodes import Node

_FEW = 3

Follow = Callable[[Iterable[Node]], list[Node]]


def follower(model: Model, name: str) -> Follow:
    """Return a function from nodes to their children of that name."""
    known: dict[str, Sequence[Member]] = {}

    def follow(nodes: Iterable[Node]) -> list[Node]:
        found: list[Node] = []
        for node in nodes:
            members = known.get(node.type)
            if members is None:
                members = known[node.type] = model.members(node.type).get(name, ())
            if len(members) > _FEW:
                _add_choice(model, node, name, found)
            else:
                for member in members:
                    _add(model, node, member, found)
        return found

    return follow


def follow_value(model: Model) -> Follow:
    """Return a function to the children `value`; that of a primitive has no extensions."""
    follow = follower(model, "value")

    def follow_each(nodes: Iterable[Node]) -> list[Node]:
        found: list[Node] = []
        for node in nodes:
            if not model.is_primitive(node.type):
                found.extend(follow((node,)))
            elif node.value is not None:
                system = f"System.{model.system_type(node.type)}"
                found.append(Node(node.value, system, {}, node, "value"))
        return found

    return follow_each


def children(model: Model, node: Node) -> Iterator[Node]:
    """Yield all children in the order of the JSON properties."""
    by_key = model.by_key(node.type)
    found: list[Node] = []
    for key in node.content:
        member = by_key.get(key)
        # A primitive with both of its properties is met at the one without the underscore.
        if member is not None and (key == member.key or member.key not in node.content):
            _add(model, node, member, found)
    yield from found


def _add_choice(model: Model, node: Node, name: str, found: list[Node]) -> None:
    """Add the values of a choice, going by what is there: a choice may be of fifty types."""
    by_key = model.by_key(node.type)
    for key in node.content:
        member = by_key.get(key)
        if member is None or member.name != name:
            continue
        if key == member.key or member.key not in node.content:
            _add(model, node, member, found)


def _add(model: Model, node: Node, member: Member, found: list[Node]) -> None:
    value = node.content.get(member.key)
    if member.sibling is not None:
        _add_primitive(node, member, value, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found.append(_complex(model, node, member, item, index))
    elif value is not None:
        found.append(_complex(model, node, member, value, None))


def _complex(model: Model, node: Node, member: Member, value: object, index: int | None) -> Node:
    type_name = model.resource_type(value) if member.is_resource else member.type
    content = value if isinstance(value, dict) else {}
    return Node(value, type_name, content, node, member.name, index)


def _add_primitive(node: Node, member: Member, value: object, found: list[Node]) -> None:
    more = node.content.get(str(member.sibling))
    if value is None and more is None:
        return
    if not isinstance(value, list) and not isinstance(more, list):
        found.append(_primitive(node, member, value, more, None))
        return
    values = value if isinstance(value, list) else []
    extras = more if isinstance(more, list) else []
    for index in range(max(len(values), len(extras))):
        item = values[index] if index < len(values) else None
        extra = extras[index] if index < len(extras) else None
        if item is not None or extra is not None:
            found.append(_primitive(node, member, item, extra, index))


def _primitive(node: Node, member: Member, value: object, more: object, index: int | None) -> Node:
    content = more if isinstance(more, dict) else {}
    return Node(value, member.type, content, node, member.name, index)
