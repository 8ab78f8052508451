"""A rule in FHIRPath: when it is worth judging, whether it holds, and what to say if not.

https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from psolink.artifacts import artifact_dir
from psolink.definitions import Element
from psolink.fhirpath import Expression, Node
from psolink.outcome import Severity

Texts = Mapping[str, str]
"""What a rule demands, by its key, or by type and key where several rules share one."""

_SHOWN = 140
_NAME = re.compile(r"[A-Za-z_]\w*")
_STRING = re.compile(r"'(?:\\.|[^'\\])*'")
# What these see is not only what the expression names.
_FAR_SIGHTED = re.compile(r"%resource|%rootResource|%context|\bchildren\(|\bdescendants\(|\$this")
_OVER_ITEMS = re.compile(r"(\w+)\.(?:where|all)(?=\()")
_CALLS = re.compile(r"(?:\.\w+\([^()]*\))*")
_UNDECIDED_HOLDS = frozenset(
    {
        # Dates and quantities of different precision or unit have no order.
        "per-1",
        "mdd-1",
        "inv-1",
        "rng-2",
        # R4 forgot that what they speak of may be absent.
        "bdl-8",
        "ras-2",
        "tim-4",
        "tim-5",
    }
)
_NAME_RULE = "name.matchesFull("
# que-7 names FHIRPath's Boolean for FHIR's; rules on names and paths mean the whole of them.
_MEANT = (("answer is Boolean", "answer is boolean"), (".matches(", ".matchesFull("))


def mended(text: str) -> str:
    """Return the expression of a rule of R4 as it was meant."""
    for written, meant in _MEANT:
        text = text.replace(written, meant)
    return text


@dataclass(frozen=True, slots=True)
class Constraint:
    """A compiled rule. Without any of `inputs` it holds; None means that it is always judged."""

    key: str
    severity: Severity
    expression: Expression
    inputs: frozenset[str] | None
    text: str

    @property
    def reads_resource(self) -> bool:
        """True where it looks beyond its focus."""
        return "%" in self.expression.text

    def holds(self, focus: Node, resource: Node) -> bool:
        """Tell whether the rule is true; FHIRPath's empty is not, but for a few known rules."""
        found = self.expression(focus, resource=resource)
        if not found:
            return self.key in _UNDECIDED_HOLDS or self.expression.text.startswith(_NAME_RULE)
        return found[0].value is not False


def explained(rule: Constraint) -> str:
    """Return what the rule demands, in words where there are some."""
    text = rule.expression.text
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    lead = rule.text or "The rule does not hold."
    return f"{lead} Invariant {rule.key}: {shown}"


def inputs_of(text: str, elements: Iterable[Element]) -> frozenset[str] | None:
    """Return the properties that the result depends on; None where there may be others."""
    bare = _STRING.sub("", text)
    over_items = _OVER_ITEMS.match(bare)
    if over_items and _CALLS.fullmatch(_after_group(bare[over_items.end() :])):
        names = {over_items[1]}
    elif _FAR_SIGHTED.search(bare):
        return None
    else:
        names = set(_NAME.findall(bare))
    return frozenset(
        name
        for each in elements
        if (each.choice_of or each.name) in names
        for name in (each.name, f"_{each.name}")
    )


def _after_group(text: str) -> str:
    """Return what follows the parenthesis that `text` begins with."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[at + 1 :]
    return ""


def read_texts() -> Texts:
    """Return the texts that ship with the server."""
    path = artifact_dir("profiles") / "messages" / "invariants.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
