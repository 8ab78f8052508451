"""Compile the rules of profiles, each when it is first met, into what is quick to walk.

Most elements of a profile say little, and most values of a resource keep it: what is not said is
not asked, and what is absent and may be is passed over.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from psolink.definitions import Definitions
from psolink.fhirpath import Node
from psolink.validation.constraint import inputs_of
from psolink.validation.primitives import PRIMITIVES
from psolink.validation.profiles.bindings import binding_check
from psolink.validation.profiles.expressions import Expressions, Rule
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.items import Items
from psolink.validation.profiles.membership import Membership
from psolink.validation.profiles.rules import Rules
from psolink.validation.profiles.value_checks import value_checks
from psolink.validation.scope import At

_TELLING = frozenset(
    {"id", "path", "min", "max", "fixedUri", "patternUri", "fixedString", "patternString", "short"}
    | {"fixedCode", "patternCode", "fixedCanonical", "fixedUrl", "base", "definition", "comment"}
    | {"mustSupport", "isModifier", "isSummary"}
)
"""What an element may say that is proven by its value."""

Check = Callable[[Node, At, Findings], None]


@dataclass(slots=True)
class Child:
    """A child element: its plan, and the JSON properties that it may have, by the owner's type."""

    plan: "Plan"
    name: str
    stem: str
    keys: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """The rules for one element or slice.

    `kinds` are the types that it may have, None where profiles do not say. `constraints` are made
    for each type that is met. `by_value` are the slices by the one value that tells them apart.
    Of one that is a mere count nothing but the number is asked.
    """

    rules: Rules
    least: int
    most: int | None
    kinds: frozenset[str] | None
    checks: tuple[Check, ...]
    children: tuple[Child, ...]
    slices: tuple["Plan", ...]
    by_value: "ByValue | None"
    may_lack: bool
    is_count: bool
    constraints: dict[str, tuple[Rule, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ByValue:
    """Slices that a plain property of each value tells apart: its name, and the slice by value."""

    name: str
    slices: Mapping[str, Plan]


class Plans:
    """Makes plans and keeps them; the trees that they are made of live as long."""

    def __init__(
        self,
        definitions: Definitions,
        items: Items,
        membership: Membership,
        expressions: Expressions,
        more: Callable[[Rules], Iterator[Check]],
    ) -> None:
        self._definitions = definitions
        self._items = items
        self._membership = membership
        self._expressions = expressions
        self._more = more
        self._plans: dict[int, Plan] = {}

    def of(self, rules: Rules) -> Plan:
        """Return the plan of the rules."""
        found = self._plans.get(id(rules))
        if found is None:
            found = self._plans[id(rules)] = self._make(rules)
        return found

    def keys(self, child: Child, owner: str) -> frozenset[str]:
        """Return the JSON properties of a child in an owner of that type."""
        found = child.keys.get(owner)
        if found is None:
            found = child.keys[owner] = self._items.keys(owner, child.name)
        return found

    def constraints(self, plan: Plan, type_name: str) -> tuple[Rule, ...]:
        """Return the invariants that profiles add, for values of that type."""
        found = plan.constraints.get(type_name)
        if found is None:
            said = plan.rules.said.get("constraint", ())
            found = plan.constraints[type_name] = tuple(
                rule
                for each in said
                if (rule := self._expressions.rule(each, partial(self._inputs, type_name)))
            )
        return found

    def _make(self, rules: Rules, proven: str | None = None) -> Plan:
        """Return the plan; the value of the child `proven` is known to be right by its slice."""
        by_value = _told_by_one(rules)
        slices = tuple(self._slice(each, by_value) for each in rules.slices.values())
        names = rules.type_names if "type" in rules.said else None
        kinds = self._items.kinds(names) if names else None
        checks = (
            *value_checks(rules),
            *binding_check(rules, self._membership),
            *self._more(rules),
        )
        children = tuple(
            Child(self.of(each), name, name.removesuffix("[x]"))
            for name, each in rules.children.items()
            if name != proven
        )
        is_told = bool(checks or children or slices or kinds or "constraint" in rules.said)
        return Plan(
            rules=rules,
            least=rules.min,
            most=rules.max,
            kinds=kinds,
            checks=checks,
            children=children,
            slices=slices,
            by_value=ByValue(by_value[0], dict(zip(by_value[1], slices, strict=True)))
            if by_value
            else None,
            may_lack=rules.min == 0 and all(each.may_lack for each in slices),
            is_count=not is_told,
        )

    def _slice(self, rules: Rules, by_value: tuple[str, list[str]] | None) -> Plan:
        child = rules.children.get(by_value[0]) if by_value else None
        if child is None or not child.said.keys() <= _TELLING or child.children or child.slices:
            return self.of(rules)
        found = self._plans[id(rules)] = self._make(rules, proven=child.name)
        return found

    def _inputs(self, type_name: str, text: str) -> frozenset[str] | None:
        definition = self._definitions.types.get(type_name)
        if definition is None or type_name in PRIMITIVES:
            return None
        return inputs_of(text, definition.elements.values())


def _told_by_one(rules: Rules) -> tuple[str, list[str]] | None:
    """Return the element that tells slices apart by one text, and the text of each slice."""
    discriminators = rules.discriminators
    if len(discriminators) != 1 or discriminators[0].get("type") not in ("value", "pattern"):
        return None
    name = str(discriminators[0].get("path"))
    texts = [list(_told_by(each, name)) for each in rules.slices.values()]
    if not texts or any(len(each) != 1 for each in texts):
        return None
    told = [each[0] for each in texts]
    return (name, told) if len({*told}) == len(told) else None


def _told_by(rules: Rules, name: str) -> Iterator[str]:
    if name == "url" and rules.profiles:
        yield from (url.partition("|")[0] for url in rules.profiles)
        return
    child = rules.children.get(name)
    for prefix in ("fixed", "pattern"):
        value = child.value_of(prefix) if child else None
        if isinstance(value, str):
            yield value
