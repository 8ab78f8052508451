"""Judge a value by the rules of a profile.

https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Callable

from psolink.definitions import Definitions
from psolink.fhirpath import FhirPathError, Node
from psolink.outcome import IssueCode, Severity
from psolink.validation.profiles.bindings import check_binding
from psolink.validation.profiles.expressions import Expressions
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.items import Item, Items
from psolink.validation.profiles.membership import Membership
from psolink.validation.profiles.references import target_type
from psolink.validation.profiles.rules import CORE, Rules
from psolink.validation.profiles.slicing import Slicer
from psolink.validation.profiles.values import equals, matches, order
from psolink.validation.scope import At
from psolink.validation.wording import show

TreeOf = Callable[[str], Rules | None]


class Checker:
    """Walks a value and the tree of rules together."""

    def __init__(self, definitions: Definitions, membership: Membership, tree_of: TreeOf) -> None:
        self._membership = membership
        self._tree_of = tree_of
        self._compiler = Expressions(definitions)
        self._items = Items(definitions)
        self._slicer = Slicer(self._compiler, self._items, membership, tree_of, self._conforms)

    def check(self, node: Node, rules: Rules, at: At, findings: Findings) -> None:
        """Note everything about one value that breaks the rules."""
        if not self._has_type(node, rules, at, findings):
            return
        _check_value(node, rules, at, findings)
        check_binding(node, rules, at, findings, self._membership)
        if "type" in rules.said:
            self._check_profiles(node, rules, at, findings)
            self._check_target(node, rules, at, findings)
        for constraint in rules.said.get("constraint", ()):
            self._check_constraint(node, constraint, at, findings)
        for name, child in rules.children.items():
            self._check_list(
                child, self._items.of(node, name, at), (at, _stem(name), None), findings
            )

    def _check_list(self, rules: Rules, found: list[Item], at: At, findings: Findings) -> None:
        _check_count(rules, len(found), at, findings)
        for node, place in found:
            self.check(node, rules, place, findings)
        if rules.slices:
            self._check_slices(rules, found, at, findings)

    def _check_slices(self, rules: Rules, found: list[Item], at: At, findings: Findings) -> None:
        slices = self._slicer.sort(rules, found, findings)
        for each in rules.slices.values():
            inside = [item for item, owner in zip(found, slices, strict=True) if owner is each]
            self._check_list(each, inside, at, findings.within(each))

    def _has_type(self, node: Node, rules: Rules, at: At, findings: Findings) -> bool:
        names = rules.type_names if "type" in rules.said else None
        if not names or self._items.is_kind(node.type, names):
            return True
        wanted = " or ".join(sorted(names))
        findings.add(IssueCode.STRUCTURE, at, f"Expected {wanted}, found {node.type}.")
        return False

    def _check_profiles(self, node: Node, rules: Rules, at: At, findings: Findings) -> None:
        trials = [
            (tree, findings.trial(url))
            for url in rules.profiles
            if (tree := self._tree_of(url)) is not None
        ]
        for tree, trial in trials:
            self.check(node, tree, at, trial)
        if trials and all(trial.has_errors for _, trial in trials):
            findings.issues.extend(trials[0][1].issues)

    def _conforms(self, node: Node, url: str) -> bool:
        tree = self._tree_of(url)
        if tree is None:
            return url.startswith(CORE) and self._items.is_kind(
                node.type, frozenset({url.removeprefix(CORE)})
            )
        trial = Findings(url, node)
        self.check(node, tree, (None, node.type, None), trial)
        return not trial.has_errors

    def _check_target(self, node: Node, rules: Rules, at: At, findings: Findings) -> None:
        found = target_type(node, findings.resource) if rules.targets else None
        if found is None:
            return
        allowed = {self._type_of(url) for url in rules.targets} - {None}
        if allowed and not self._items.is_kind(found, frozenset(each for each in allowed if each)):
            names = ", ".join(sorted(each for each in allowed if each))
            diagnostics = f"A reference to {found} is not allowed here, only to {names}."
            findings.add(IssueCode.VALUE, at, diagnostics)

    def _type_of(self, url: str) -> str | None:
        bare = url.partition("|")[0]
        tree = self._tree_of(bare)
        if tree is not None:
            return tree.name
        return bare.removeprefix(CORE) if bare.startswith(CORE) else None

    def _check_constraint(
        self, node: Node, constraint: dict[str, str], at: At, findings: Findings
    ) -> None:
        text = constraint.get("expression")
        if text is None:
            return
        key = constraint["key"]
        try:
            found = self._compiler.compile(text)(node, resource=findings.resource)
        except FhirPathError as error:
            diagnostics = f"Whether {key} holds here was not found out: {error}."
            findings.add(IssueCode.PROCESSING, at, diagnostics, Severity.INFORMATION)
            return
        if not found or found[0].value is False:
            diagnostics = f"{constraint.get('human', 'The rule does not hold.')} Invariant {key}."
            findings.add(IssueCode.INVARIANT, at, diagnostics, Severity(constraint["severity"]))


def _check_count(rules: Rules, count: int, at: At, findings: Findings) -> None:
    what = f"{rules.name}:{rules.slice_name}" if rules.slice_name else rules.name
    if count < rules.min:
        diagnostics = f"{what} is needed at least {rules.min} times, found {count}; add what lacks."
        findings.add(IssueCode.REQUIRED, at, diagnostics)
    if rules.max is not None and count > rules.max:
        diagnostics = f"{what} may come {rules.max} times at most, found {count}; remove some."
        findings.add(IssueCode.STRUCTURE, at, diagnostics)


def _check_value(node: Node, rules: Rules, at: At, findings: Findings) -> None:
    fixed, pattern = rules.value_of("fixed"), rules.value_of("pattern")
    if fixed is not None and not equals(node.value, fixed):
        findings.add(
            IssueCode.VALUE, at, f"Expected exactly {_wanted(fixed)}, found {show(node.value)}."
        )
    if pattern is not None and not matches(node.value, pattern):
        findings.add(
            IssueCode.VALUE, at, f"Expected at least {_wanted(pattern)}, found {show(node.value)}."
        )
    if node.value is not None:
        _check_range(node, rules, at, findings)


def _check_range(node: Node, rules: Rules, at: At, findings: Findings) -> None:
    for prefix, refused, word in (("minValue", -1, "least"), ("maxValue", 1, "most")):
        limit = rules.value_of(prefix)
        if limit is not None and order(node.value, limit) == refused:
            findings.add(
                IssueCode.VALUE,
                at,
                f"Expected {_wanted(limit)} at {word}, found {show(node.value)}.",
            )
    longest = rules.said.get("maxLength")
    if longest is not None and isinstance(node.value, str) and len(node.value) > longest:
        diagnostics = (
            f"At most {longest} characters are allowed, found {len(node.value)}; shorten it."
        )
        findings.add(IssueCode.TOO_LONG, at, diagnostics)


def _wanted(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_wanted(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_wanted, value))
    return show(value)


def _stem(name: str) -> str:
    return name.removesuffix("[x]")
