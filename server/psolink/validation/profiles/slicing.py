"""Slicing: to which slice a value belongs, and how slices may stand.

https://hl7.org/fhir/R4/profiling.html#slicing
"""

import re
from collections.abc import Callable, Iterator, Sequence

from psolink.fhir_json import JsonObject
from psolink.fhirpath import FhirPathError, Node
from psolink.outcome import Severity
from psolink.validation.faults import Fault
from psolink.validation.profiles.expressions import Expressions
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.items import Item, Items
from psolink.validation.profiles.membership import Membership
from psolink.validation.profiles.rules import CORE, Rules
from psolink.validation.profiles.values import equals, matches

_STEP = re.compile(r"extension\('([^']+)'\)|([^.()]+(?:\([^()]*\))?)")

Conforms = Callable[[Node, str], bool]
TreeOf = Callable[[str], Rules | None]


class Slicer:
    """Sorts values into slices by their discriminators."""

    def __init__(
        self,
        compiler: Expressions,
        items: Items,
        membership: Membership,
        tree_of: TreeOf,
        conforms: Conforms,
    ) -> None:
        self._compiler = compiler
        self._items = items
        self._membership = membership
        self._tree_of = tree_of
        self._conforms = conforms
        # By identity: the trees of profiles live as long as this does.
        self._known: dict[tuple[int, str], list[Rules]] = {}

    def sort(self, rules: Rules, found: list[Item], findings: Findings) -> list[Rules | None]:
        """Return the slice of each value, None where it is in none."""
        discriminators = rules.discriminators
        sorted_in: list[Rules | None] = []
        for item, place in found:
            try:
                findings.budget.spend(len(rules.slices))
            except FhirPathError as error:
                diagnostics = f"The slices of these values were not found out: {error}."
                findings.add(Fault.NOT_EVALUATED, place, diagnostics, Severity.INFORMATION)
                return [None] * len(found)
            sorted_in.append(self._slice_of(item, rules, discriminators, findings))
        return sorted_in

    def _slice_of(
        self, node: Node, rules: Rules, discriminators: tuple[JsonObject, ...], findings: Findings
    ) -> Rules | None:
        seen = [(each, self._at(node, str(each["path"]), findings)) for each in discriminators]
        if not seen:
            return None
        for each in rules.slices.values():
            if all(self._agrees(nodes, each, discriminator) for discriminator, nodes in seen):
                return each
        return None

    def _at(self, node: Node, path: str, findings: Findings) -> list[Node] | None:
        """Return what a discriminator looks at, None where it cannot be looked at."""
        try:
            expression = self._compiler.compile(path)
            return list(
                self._compiler.found(expression, node, findings.resource, findings.budget)
            )
        except FhirPathError:
            return None

    def _agrees(self, nodes: list[Node] | None, rules: Rules, discriminator: JsonObject) -> bool:
        path = str(discriminator["path"])
        if nodes is None:
            return False
        match discriminator["type"]:
            case "exists":
                return _exists_as_said(self._ruled(rules, path), present=bool(nodes))
            case "type":
                return self._has_type(nodes, rules, path)
            case "profile":
                wanted = [url for each in self._ruled(rules, path) for url in _profiles(each, path)]
                return any(self._conforms(each, url) for each in nodes for url in wanted)
            case _:
                return self._has_value(nodes, rules, path)

    def _has_value(self, nodes: list[Node], rules: Rules, path: str) -> bool:
        if path == "url" and rules.profiles and self._items.is_kind("Extension", rules.type_names):
            return any(node.value in {_bare(url) for url in rules.profiles} for node in nodes)
        ruled = [each for each in self._ruled(rules, path) if _is_telling(each)]
        return bool(ruled) and all(
            any(self._is_as_said(node, each) for node in nodes) for each in ruled
        )

    def _is_as_said(self, node: Node, rules: Rules) -> bool:
        fixed, pattern = rules.value_of("fixed"), rules.value_of("pattern")
        if fixed is not None:
            return equals(node.value, fixed)
        if pattern is not None:
            return matches(node.value, pattern)
        value_set = rules.said["binding"].get("valueSet", "")
        return any(self._membership.has(value_set, system, code) for system, code in codings(node))

    def _has_type(self, nodes: list[Node], rules: Rules, path: str) -> bool:
        named = set[str]()
        for each in self._ruled(rules, path):
            named |= (
                {_bare(url).removeprefix(CORE) for url in each.targets}
                if "resolve()" in path
                else each.type_names
            )
        return bool(nodes) and all(
            self._items.is_kind(node.type, frozenset(named)) for node in nodes
        )

    def _ruled(self, rules: Rules, path: str) -> list[Rules]:
        """Return the rules at the discriminator's path, those of the value's profile included."""
        found = self._known.get((id(rules), path))
        if found is None:
            found = self._known[id(rules), path] = self._find_ruled(rules, path)
        return found

    def _find_ruled(self, rules: Rules, path: str) -> list[Rules]:
        here = [rules]
        for match in _STEP.finditer(path):
            url, step = match[1], match[2]
            if step in ("$this", "resolve()") or (step or "").startswith("ofType("):
                continue
            here = [inner for each in here for inner in self._inner(each, step, url)]
        return here

    def _inner(self, rules: Rules, step: str | None, url: str | None) -> Iterator[Rules]:
        for owner in (rules, *filter(None, map(self._tree_of, rules.profiles))):
            if url is not None:
                slices = owner.children.get("extension", rules).slices.values()
                yield from (each for each in slices if url in each.profiles)
            elif step is not None:
                yield from (each for name, each in owner.children.items() if _stem(name) == step)


def codings(node: Node) -> list[tuple[str | None, str]]:
    """Return the codes of a value with their systems."""
    if isinstance(node.value, str):
        return [(None, node.value)]
    listed = node.content.get("coding", [node.content])
    return [(each.get("system"), each["code"]) for each in listed if "code" in each]


def check_order(
    rules: Rules, slices: Sequence[Rules | None], found: list[Item], findings: Findings
) -> None:
    """Note values that may not be there beside the slices, or not in this order."""
    slicing = rules.said.get("slicing", {})
    kind, order = slicing.get("rules", "open"), list(rules.slices.values())
    highest, is_after_others = -1, False
    for each, (_, at) in zip(slices, found, strict=True):
        if each is None:
            is_after_others = True
            if kind == "closed":
                names = ", ".join(rules.slices)
                findings.add(
                    Fault.SLICE_CLOSED,
                    at,
                    f"Only the slices {names} are allowed here; remove this one.",
                )
            continue
        if kind == "openAtEnd" and is_after_others:
            findings.add(
                Fault.SLICE_AT_END,
                at,
                f"What is in no slice comes last; move the slice {each.slice_name} before it.",
            )
        place = order.index(each)
        if slicing.get("ordered") and place < highest:
            findings.add(
                Fault.SLICE_ORDER,
                at,
                f"The slice {each.slice_name} comes before {order[highest].slice_name}; exchange them.",
            )
        highest = max(highest, place)


def _exists_as_said(ruled: list[Rules], *, present: bool) -> bool:
    wanted = any(each.min > 0 for each in ruled)
    unwanted = any(each.max == 0 for each in ruled)
    return present if wanted else unwanted and not present


def _is_telling(rules: Rules) -> bool:
    has_value = rules.value_of("fixed") is not None or rules.value_of("pattern") is not None
    return has_value or rules.said.get("binding", {}).get("strength") == "required"


def _profiles(rules: Rules, path: str) -> tuple[str, ...]:
    return rules.targets if "resolve()" in path else rules.profiles


def _stem(name: str) -> str:
    return name.removesuffix("[x]")


def _bare(url: str) -> str:
    return url.partition("|")[0]
