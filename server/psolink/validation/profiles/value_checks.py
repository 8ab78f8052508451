"""What a profile says of a value: fixed, pattern, least, most and longest.

https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from psolink.fhirpath import Node
from psolink.validation.faults import Fault
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.rules import Rules
from psolink.validation.profiles.values import equals, matches, order
from psolink.validation.scope import At
from psolink.validation.wording import show

_LIMITS = (("minValue", -1, "at least"), ("maxValue", 1, "at most"))


def value_checks(rules: Rules) -> Iterator[Callable[[Node, At, Findings], None]]:
    """Yield the checks that the rules ask for."""
    fixed, pattern = rules.value_of("fixed"), rules.value_of("pattern")
    if fixed is not None:
        yield partial(_check_fixed, fixed)
    if pattern is not None:
        yield partial(_check_pattern, pattern)
    for prefix, refused, word in _LIMITS:
        limit = rules.value_of(prefix)
        if limit is not None:
            yield partial(_check_limit, limit, refused, word)
    if "maxLength" in rules.said:
        yield partial(_check_length, int(rules.said["maxLength"]))


def _check_fixed(fixed: Any, node: Node, at: At, findings: Findings) -> None:  # noqa: ANN401
    if not equals(node.value, fixed):
        diagnostics = f"Expected exactly {wanted(fixed)}, found {found(node)}; send that value."
        findings.add(Fault.FIXED, at, diagnostics)


def _check_pattern(pattern: Any, node: Node, at: At, findings: Findings) -> None:  # noqa: ANN401
    if not matches(node.value, pattern):
        diagnostics = f"Expected at least {wanted(pattern)}, found {found(node)}; add what lacks."
        findings.add(Fault.PATTERN, at, diagnostics)


def _check_limit(
    limit: Any,  # noqa: ANN401 - any JSON value
    refused: int,
    word: str,
    node: Node,
    at: At,
    findings: Findings,
) -> None:
    if node.value is not None and order(node.value, limit) == refused:
        diagnostics = f"Expected {wanted(limit)} {word}, found {found(node)}; correct the value."
        findings.add(Fault.RANGE, at, diagnostics)


def _check_length(longest: int, node: Node, at: At, findings: Findings) -> None:
    if isinstance(node.value, str) and len(node.value) > longest:
        count = len(node.value)
        diagnostics = f"At most {longest} characters are allowed, found {count}; shorten it."
        findings.add(Fault.LENGTH, at, diagnostics)


def found(node: Node) -> str:
    """Return the value that was sent, as far as it is worth showing."""
    return wanted(node.value) if isinstance(node.value, dict) and node.value else show(node.value)


def wanted(value: object) -> str:
    """Return a value that a profile asks for, in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {wanted(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(wanted, value))
    return show(value)
