"""The cases of the specification: pairs of bodies that differ in one fault, read from YAML.

Under `cases/` a case is numbered by its section of the specification. It names a sound resource
(`in`), a place in it (`at`), and what to put there, `valid` or `invalid`; where a value is not given
the place is taken out. `without` is taken out of both. In place of all that, `valid` and `invalid`
may be whole bodies, JSON or XML, as text.

Under `invariants/` it is numbered by the rule that it is about, and `valid` and `invalid` are merged
into the smallest sound resource of a type; null takes something away.
"""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue

Which = Literal["valid", "invalid"]
Judge = Callable[[bytes], list[Issue]]

FOLDER = Path(__file__).parent
_MAX_WORDS = 300


@dataclass(frozen=True, slots=True)
class Expected:
    """The issue that the fault of a pair is.

    `also` are rules that nothing can keep which breaks this one; they are found at other places.
    """

    code: str
    expression: str | None
    says: str
    severity: str = "error"
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A pair of bodies. `resources` are what they hold, None where they are text of a format.

    `in_xml` is what the fault is where it is written as XML, which knows no wrong number.
    """

    number: str
    title: str
    valid: bytes
    invalid: bytes
    expected: Expected
    in_xml: Expected
    resources: tuple[JsonObject, JsonObject] | None = None
    is_xml: bool = False

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


def verdict(case: Case, which: Which, judge: Judge, *, by_way_of_xml: bool = False) -> str | None:
    """Return how a judge differs from what the case expects, None where it does not."""
    if which == "valid":
        issues = judge(case.valid)
        return f"refused: {issues}" if issues else None
    return _difference(judge(case.invalid), case.in_xml if by_way_of_xml else case.expected)


def _difference(issues: list[Issue], expected: Expected) -> str | None:
    counted = [
        issue
        for issue in issues
        if not any(f" {key}: " in issue.diagnostics for key in expected.also)
    ]
    if len(counted) != 1 or len(issues) != 1 + len(expected.also):
        return f"{len(issues)} issues: {issues}"
    issue = counted[0]
    found = (str(issue.severity), str(issue.code), issue.expression)
    if found != (expected.severity, expected.code, expected.expression):
        return f"found {found}: {issue.diagnostics}"
    if expected.says not in issue.diagnostics:
        return f"does not say {expected.says!r}: {issue.diagnostics}"
    return None if len(issue.diagnostics) < _MAX_WORDS else "says too much"


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _files(folder: str) -> list[Path]:
    return [path for path in sorted((FOLDER / folder).glob("*.yaml")) if path.stem != "sound"]


def all_cases() -> list[Case]:
    """Return every case of every file."""
    return [*sections(), *rules()]


SOUND: dict[str, JsonObject] = read_yaml(FOLDER / "cases" / "sound.yaml")
_SMALLEST: dict[str, JsonObject] = read_yaml(FOLDER / "invariants" / "sound.yaml")


def sections() -> Iterator[Case]:
    """Yield the cases that are numbered by a section of the specification."""
    for path in _files("cases"):
        for each in read_yaml(path):
            yield _of_text(each) if "in" not in each else _of_place(each)


def rules() -> Iterator[Case]:
    """Yield the cases that are numbered by an invariant."""
    for path in _files("invariants"):
        for each in read_yaml(path):
            yield _of_rule(each)


def _of_place(written: JsonObject) -> Case:
    resources = (_changed(written, "valid"), _changed(written, "invalid"))
    valid, invalid = map(_body, resources)
    issue, in_xml = written["issue"], written.get("in_xml", {})
    return Case(
        str(written["number"]),
        written["title"],
        valid,
        invalid,
        Expected(**issue),
        Expected(**issue | in_xml),
        resources,
    )


def _of_text(written: JsonObject) -> Case:
    expected = Expected(**written["issue"])
    return Case(
        str(written["number"]),
        written["title"],
        written["valid"].encode(),
        written["invalid"].encode(),
        expected,
        expected,
        is_xml=written["valid"].startswith("<"),
    )


def _of_rule(written: JsonObject) -> Case:
    number = str(written["number"])
    name, key = written["in"], number.partition("/")[0]
    resources = (_merged(name, written["valid"]), _merged(name, written["invalid"]))
    severity = written.get("severity", "error")
    also = tuple(written.get("also", ()))
    expected = Expected("invariant", written["at"], f"Invariant {key}: ", severity, also)
    valid, invalid = map(_body, resources)
    return Case(number, f"of {name}", valid, invalid, expected, expected, resources)


def _merged(name: str, changes: JsonObject) -> JsonObject:
    resource: JsonObject = {"resourceType": name} | _SMALLEST[name] | changes
    return {key: value for key, value in resource.items() if value is not None}


def _body(resource: JsonObject) -> bytes:
    return json.dumps(resource).encode()


def _changed(written: JsonObject, which: Which) -> JsonObject:
    resource = copy.deepcopy(SOUND[written["in"]])
    if "without" in written:
        holder, key = _place(resource, written["without"])
        del holder[key]
    holder, key = _place(resource, written["at"])
    if which in written:
        holder[key] = _repeated(written[which])
    elif isinstance(holder, dict):
        holder.pop(key, None)
    return resource


def _place(resource: Any, path: str) -> tuple[Any, Any]:
    """Return the object or list that holds the place, and its key there."""
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    for parent in parents:
        resource = resource[parent]
    return resource, last


def _repeated(value: Any) -> Any:
    is_repeated = isinstance(value, dict) and value.keys() == {"repeat", "times"}
    return value["repeat"] * value["times"] if is_repeated else value
