"""Judge a value by the rules of a profile.

https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from psolink.definitions import Definitions
from psolink.fhirpath import Environment, FhirPathError, Node
from psolink.outcome import Severity
from psolink.validation.faults import Fault
from psolink.validation.profiles.expressions import Expressions, Rule
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.items import Item, Items
from psolink.validation.profiles.membership import Membership
from psolink.validation.profiles.plans import ByValue, Check, Plan, Plans
from psolink.validation.profiles.references import contained_target, target_type
from psolink.validation.profiles.rules import CORE, Rules
from psolink.validation.profiles.slicing import Slicer, check_order
from psolink.validation.scope import At
from psolink.validation.wording import article

TreeOf = Callable[[str], Rules | None]


class Checker:
    """Walks a value and the plans of the rules together."""

    def __init__(self, definitions: Definitions, membership: Membership, tree_of: TreeOf) -> None:
        self._tree_of = tree_of
        environment = Environment(value_sets=_ValueSets(membership), profiles=self)
        self._expressions = expressions = Expressions(definitions, environment)
        self._items = Items(definitions)
        self._slicer = Slicer(expressions, self._items, membership, tree_of, self._conforms)
        self._plans = Plans(definitions, self._items, membership, expressions, self._type_checks)

    def prepare(self, rules: Rules) -> None:
        """Make the plan of a tree; fail here and now where it is no sound one."""
        self._plans.of(rules)

    def check(self, node: Node, rules: Rules, at: At, findings: Findings) -> None:
        """Note everything about one value that breaks the rules."""
        self._check(node, self._plans.of(rules), at, findings)

    def _check(self, node: Node, plan: Plan, at: At, findings: Findings) -> None:
        if plan.kinds is not None and node.type not in plan.kinds:
            _add_type(node, plan, at, findings)
            return
        for check in plan.checks:
            check(node, at, findings)
        if "constraint" in plan.rules.said:
            for rule in self._plans.constraints(plan, node.type):
                if rule.inputs is None or not rule.inputs.isdisjoint(node.content):
                    self._check_constraint(node, rule, at, findings)
        if plan.children:
            self._check_children(node, plan, at, findings)

    def _check_constraint(self, node: Node, rule: Rule, at: At, findings: Findings) -> None:
        try:
            is_kept = self._expressions.holds(rule, node, findings.resource, findings.budget)
        except FhirPathError as error:
            diagnostics = f"Whether {rule.key} holds here was not found out: {error}."
            findings.add(Fault.NOT_EVALUATED, at, diagnostics, Severity.INFORMATION, rule.key)
            return
        if not is_kept:
            diagnostics = f"{rule.human} Invariant {rule.key}."
            findings.add(Fault.INVARIANT, at, diagnostics, rule.severity, rule.key)

    def _check_children(self, node: Node, plan: Plan, at: At, findings: Findings) -> None:
        content, owner = node.content, node.type
        for child in plan.children:
            keys = child.keys.get(owner)
            if keys is None:
                keys = self._plans.keys(child, owner)
            if not keys.isdisjoint(content):
                found = self._items.of(node, child.name, at)
                self._check_list(child.plan, found, (at, child.stem, None), findings)
            elif findings.is_thorough or not child.plan.may_lack:
                _check_absent(child.plan, (at, child.stem, None), findings)

    def _check_list(self, plan: Plan, found: list[Item], at: At, findings: Findings) -> None:
        count = len(found)
        if count < plan.least or (plan.most is not None and count > plan.most):
            _add_count(plan, count, at, findings)
        if plan.is_count:
            return
        for node, place in found:
            self._check(node, plan, place, findings)
        if plan.slices:
            self._check_slices(plan, found, at, findings)

    def _check_slices(self, plan: Plan, found: list[Item], at: At, findings: Findings) -> None:
        slices = self._sorted(plan, found, findings)
        inside: dict[str | None, list[Item]] = {}
        for item, owner in zip(found, slices, strict=True):
            if owner is not None:
                inside.setdefault(owner.slice_name, []).append(item)
        if "slicing" in plan.rules.said:
            check_order(plan.rules, slices, found, findings)
        for each in plan.slices:
            items = inside.get(each.rules.slice_name)
            if items is not None:
                self._check_list(each, items, at, findings.within(each.rules))
            elif findings.is_thorough or not each.may_lack:
                _check_absent(each, at, findings.within(each.rules))

    def _sorted(self, plan: Plan, found: list[Item], findings: Findings) -> list[Rules | None]:
        if plan.by_value is None:
            return self._slicer.sort(plan.rules, found, findings)
        return [_slice_by_value(plan.by_value, node) for node, _ in found]

    def _type_checks(self, rules: Rules) -> Iterator[Check]:
        if rules.profiles:
            yield partial(self._check_profiles, rules)
        if rules.targets:
            yield partial(self._check_target, rules)

    def _check_profiles(self, rules: Rules, node: Node, at: At, findings: Findings) -> None:
        said = rules.types_for(self._items.lineage(node.type))
        urls = [url for each in said for url in each.get("profile", ())]
        trials = [
            (tree, findings.trial(url)) for url in urls if (tree := self._tree_of(url)) is not None
        ]
        if not trials:
            _add_unknown(urls, at, findings)
            return
        for tree, trial in trials:
            self.check(node, tree, at, trial)
            if not trial.has_errors:
                return
        if len(trials) == len(urls):
            findings.issues.extend(trials[0][1].issues)

    def conforms(self, node: Node, profile: str) -> bool | None:
        """Tell whether a value keeps a profile; None where that is not known."""
        if self._tree_of(profile) is None and not profile.startswith(CORE):
            return None
        return self._conforms(node, profile)

    def _conforms(self, node: Node, url: str) -> bool:
        tree = self._tree_of(url)
        if tree is None:
            bare = url.partition("|")[0]
            name = bare.removeprefix(CORE)
            return name != bare and self._items.is_kind(node.type, frozenset({name}))
        if not self._items.is_kind(node.type, frozenset({tree.name})):
            return False
        trial = Findings(url, node)
        self.check(node, tree, (None, node.type, None), trial)
        return not trial.has_errors

    def _check_target(self, rules: Rules, node: Node, at: At, findings: Findings) -> None:
        found = target_type(node, findings.resource)
        if found is None:
            return
        said = rules.types_for(self._items.lineage(node.type))
        urls = [url for each in said for url in each.get("targetProfile", ())]
        allowed = {each for url in urls if (each := self._type_of(url))}
        if allowed and not self._items.is_kind(found, frozenset(allowed)):
            names = ", ".join(sorted(allowed))
            diagnostics = (
                f"A reference to {found} is not allowed here, only to {names}; refer to one of those."
            )
            findings.add(Fault.TARGET, at, diagnostics)
            return
        target = contained_target(node, findings.resource)
        if target is not None and urls and not any(self._conforms(target, url) for url in urls):
            wanted = " or ".join(urls)
            diagnostics = f"What it refers to does not keep {wanted}; correct that {found}."
            findings.add(Fault.TARGET, at, diagnostics)

    def _type_of(self, url: str) -> str | None:
        bare = url.partition("|")[0]
        tree = self._tree_of(bare)
        if tree is not None:
            return tree.name
        return bare.removeprefix(CORE) if bare.startswith(CORE) else None


@dataclass(frozen=True, slots=True)
class _ValueSets:
    """What `memberOf()` asks."""

    membership: Membership

    def has_code(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Tell whether a code is in a value set; None where that is not known."""
        return self.membership.has(value_set, system, code)


def _slice_by_value(by_value: ByValue, node: Node) -> Rules | None:
    value = node.content.get(by_value.name)
    for each in value if isinstance(value, list) else (value,):
        found = by_value.slices.get(each) if isinstance(each, str) else None
        if found is not None:
            return found.rules
    return None


def _add_unknown(urls: list[str], at: At, findings: Findings) -> None:
    unknown = [url for url in urls if not url.startswith(CORE)]
    if unknown:
        diagnostics = (
            f"It was not judged by {unknown[0]}, which is not known here; install that profile."
        )
        findings.add(Fault.PROFILE_NOT_JUDGED, at, diagnostics, Severity.INFORMATION)


def _add_type(node: Node, plan: Plan, at: At, findings: Findings) -> None:
    wanted = " or ".join(sorted(plan.rules.type_names))
    diagnostics = f"Expected {wanted}, found {node.type}; send {article(wanted)}."
    findings.add(Fault.TYPE, at, diagnostics)


def _check_absent(plan: Plan, at: At, findings: Findings) -> None:
    if plan.least:
        _add_count(plan, 0, at, findings)
    elif findings.is_thorough and plan.rules.must_support:
        diagnostics = f"{_named(plan.rules)} must be supported, and is absent; send it if it is known."
        findings.add(Fault.MUST_SUPPORT, at, diagnostics, Severity.INFORMATION)
    for each in plan.slices:
        if findings.is_thorough or not each.may_lack:
            _check_absent(each, at, findings.within(each.rules))


def _add_count(plan: Plan, count: int, at: At, findings: Findings) -> None:
    name = f"{_named(plan.rules)}{_told_by(plan.rules)}"
    if count < plan.least:
        diagnostics = (
            f"{name} is needed at least {_times(plan.least)}, found {count}; add what lacks."
        )
        findings.add(Fault.MINIMUM, at, diagnostics)
    elif not plan.most:
        findings.add(Fault.MAXIMUM, at, f"{name} is not allowed here, found {count}; remove it.")
    else:
        diagnostics = (
            f"{name} may come {_times(plan.most)} at most, found {count}; remove what is too many."
        )
        findings.add(Fault.MAXIMUM, at, diagnostics)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _told_by(rules: Rules) -> str:
    """Return by which plain values a slice is told, for a reader who knows none of its name."""
    if rules.slice_name is None:
        return ""
    values = {
        name: each.value_of("fixed") or each.value_of("pattern")
        for name, each in rules.children.items()
    }
    told = [f'{name} "{value}"' for name, value in values.items() if isinstance(value, str)]
    if rules.name == "extension" and not told:
        told = [f'url "{url}"' for url in rules.profiles]
    return f" ({', '.join(told)})" if told else ""


def _named(rules: Rules) -> str:
    return f"{rules.name}:{rules.slice_name}" if rules.slice_name else rules.name
