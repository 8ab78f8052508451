"""Comparisons with a text that is written down, which most rules consist of.

They give what the long way does, with less on the way.
http://hl7.org/fhirpath/N1/#equality
"""

from psolink.fhirpath import syntax
from psolink.fhirpath.model import Member, Model
from psolink.fhirpath.nodes import FALSE, TRUE, Collection, Node
from psolink.fhirpath.scope import Evaluator, Scope, Step

_COST = 3  # what the long way spends on an item of a filter


def equals_text(
    tree: syntax.Binary, model: Model, left: Evaluator, otherwise: Evaluator
) -> Evaluator:
    """Return `left = 'text'`; `otherwise` is for operands that are no text."""
    match tree:
        case syntax.Binary(operator="=", right=syntax.Literal(type="String", value=str(text))):
            return _comparison(text, model, left, otherwise)
    return otherwise


def _comparison(text: str, model: Model, left: Evaluator, otherwise: Evaluator) -> Evaluator:
    is_text: dict[str, bool] = {}

    def evaluate(scope: Scope) -> Collection:
        nodes = left(scope)
        if len(nodes) != 1 or type(nodes[0].value) is not str:
            return otherwise(scope)
        name = nodes[0].type
        if name not in is_text:
            is_text[name] = model.system_type(name) == "String"
        if not is_text[name]:
            return otherwise(scope)
        return TRUE if nodes[0].value == text else FALSE

    return evaluate


def filtered_member(
    name: str, call: syntax.Name | syntax.Call | syntax.Indexer, model: Model, otherwise: Step
) -> Step | None:
    """Return `name.where(key = 'text')` as one step, None where the call is no such filter.

    `otherwise` does the same the long way, for owners to which this does not apply.
    """
    match call:
        case syntax.Call(
            name="where",
            arguments=(
                syntax.Binary(
                    operator="=",
                    left=syntax.Name(name=key),
                    right=syntax.Literal(type="String", value=str(text)),
                ),
            ),
        ) if not model.starts_path(key):
            return _filter(name, key, text, model, otherwise)
    return None


def _filter(name: str, key: str, text: str, model: Model, otherwise: Step) -> Step:
    members: dict[str, Member | None] = {}

    def step(scope: Scope, nodes: Collection) -> Collection:
        found: list[Node] = []
        for node in nodes:
            if node.type not in members:
                members[node.type] = _plain_member(model, node.type, name, key)
            member = members[node.type]
            items = node.content.get(member.key) if member else None
            if member is None or not isinstance(items, list | None):
                return otherwise(scope, nodes)
            scope.run.spend(_COST * len(items or ()))
            for index, item in enumerate(items or ()):
                value = item.get(key) if isinstance(item, dict) else None
                if value == text:
                    found.append(Node(item, member.type, item, node, member.name, index))
                elif isinstance(value, list):
                    return otherwise(scope, nodes)
        return found

    return step


def _plain_member(model: Model, type_name: str, name: str, key: str) -> Member | None:
    """Return a child that comes in a list and has a plain text under `key`; None for others."""
    members = model.members(type_name).get(name, ())
    if len(members) != 1 or members[0].sibling is not None or members[0].is_resource:
        return None
    inner = model.members(members[0].type).get(key, ())
    is_text = len(inner) == 1 and model.system_type(inner[0].type) == "String"
    return members[0] if is_text and inner[0].key == key else None
