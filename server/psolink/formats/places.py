"""Places in a body, and which of its elements are looked for.

An element is named by its steps: property names, and indexes in arrays.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from psolink.outcome import Place

Steps = tuple[str | int, ...]
_STEP = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")


def steps_of(expression: str) -> Steps:
    """Return the steps of an expression such as `Patient.name[0].given`, less the root."""
    steps: list[str | int] = []
    for name, index in _STEP.findall(expression.partition(".")[2]):
        steps.append(name)
        if index:
            steps.append(int(index))
    return tuple(steps)


class Wanted:
    """The elements looked for, and all that lie around them."""

    def __init__(self, wanted: Iterable[Steps]) -> None:
        self._wanted = tuple(wanted)
        self._around = {steps[:end] for steps in self._wanted for end in range(len(steps) + 1)}
        self._names: dict[Steps, set[str]] = {}
        for steps in self._around:
            if steps and isinstance(steps[-1], str):
                self._names.setdefault(steps[:-1], set()).add(steps[-1])

    def child(self, owner: Steps, key: str) -> Steps | None:
        """Return the steps to a property, None where nothing of it is wanted.

        A choice is wanted by its bare name: `value` stands for `valueQuantity`.
        """
        name = key.removeprefix("_")
        if (*owner, name) in self._around:
            return (*owner, name)
        stems = (each for each in self._names.get(owner, ()) if name.startswith(each))
        stem = next((each for each in stems if name[len(each) : len(each) + 1].isupper()), None)
        return None if stem is None else (*owner, stem)

    def item(self, owner: Steps, index: int) -> Steps | None:
        """Return the steps to an item of an array, None where nothing of it is wanted."""
        steps = (*owner, index)
        return steps if steps in self._around else None

    def nearest(
        self, found: Mapping[Steps, int], place_of: Callable[[int], Place]
    ) -> Mapping[Steps, Place]:
        """Return the place of each wanted element, or of the nearest around it that was found."""
        places: dict[Steps, Place] = {}
        for steps in self._wanted:
            ends = range(len(steps), -1, -1)
            nearest = next((steps[:end] for end in ends if steps[:end] in found), None)
            if nearest is not None:
                places[steps] = place_of(found[nearest])
        return places
