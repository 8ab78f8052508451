"""What is left of a resource without the elements whose form is at fault.

Profiles are judged on sound content only. On the rest of a broken resource they can be judged all
the same, so that a client learns of everything at once.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass

from psolink.fhir_json import JsonObject
from psolink.formats.places import Steps, steps_of
from psolink.outcome import Issue, IssueCode

_KEEPS_FORM = (IssueCode.REQUIRED, IssueCode.INVARIANT, IssueCode.CODE_INVALID)
"""Faults of elements that can be looked at nevertheless."""
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class SoundPart:
    """A resource less the elements at `without`."""

    resource: JsonObject
    without: tuple[Steps, ...]

    def tells_of(self, issue: Issue) -> bool:
        """Tell whether an issue is about what is there, and not about what was taken out."""
        steps = steps_of(issue.expression or "")
        return not any(steps[: len(each)] == each for each in self.without)


def sound_part(
    resource: JsonObject, issues: Iterable[Issue], validate: Callable[[JsonObject], list[Issue]]
) -> SoundPart | None:
    """Return the resource less what `issues` say is broken; None where that is the whole of it.

    What has nothing left in it is taken out in the next round.
    """
    part, without, found = deepcopy(resource), set[Steps](), list(issues)
    for _ in range(_ROUNDS):
        broken = {_element(steps_of(each.expression or "")) for each in found if _is_broken(each)}
        if not broken:
            return SoundPart(part, tuple(without))
        if () in broken:
            return None
        for steps in broken:
            _take_out(part, steps)
        without |= broken
        found = validate(part)
    return None


def _is_broken(issue: Issue) -> bool:
    return issue.is_error and issue.code not in _KEEPS_FORM


def _element(steps: Steps) -> Steps:
    """Return the steps to the whole element: without an item the others would stand elsewhere."""
    return steps[:-1] if steps and isinstance(steps[-1], int) else steps


def _take_out(resource: JsonObject, steps: Steps) -> None:
    owner: object = resource
    for step in steps[:-1]:
        owner = _inner(owner, step)
    if isinstance(owner, dict):
        for key in [key for key in owner if _is_named(key, str(steps[-1]))]:
            del owner[key]


def _inner(owner: object, step: str | int) -> object:
    if isinstance(owner, list) and isinstance(step, int):
        return owner[step] if step < len(owner) else None
    if isinstance(owner, dict):
        return next((value for key, value in owner.items() if _is_named(key, str(step))), None)
    return None


def _is_named(key: str, name: str) -> bool:
    """Tell whether a property is the element, its companion, or a choice of it."""
    plain = key.removeprefix("_")
    return plain == name or (plain.startswith(name) and plain[len(name)].isupper())
