"""Where in a JSON body the elements stand that issues speak of.

Only asked once there are issues: the body is read a second time, token by token.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psolink.formats.places import Steps, Wanted
from psolink.outcome import Place

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


@dataclass(slots=True)
class _Container:
    """An open object or array: its steps, None where nothing in it is wanted."""

    steps: Steps | None
    is_array: bool
    next_key: str | None = None
    index: int = 0


def json_places(body: bytes, wanted: Iterable[Steps]) -> Mapping[Steps, Place]:
    """Return the place of each wanted element, or of the nearest around it that is there."""
    return Wanted(wanted).nearest(_found(body, Wanted(wanted)), _Lines(body))


def _found(body: bytes, wanted: Wanted) -> dict[Steps, int]:
    found: dict[Steps, int] = {}
    open_containers: list[_Container] = []
    for token in _TOKEN.finditer(body):
        mark, innermost = token[0], open_containers[-1] if open_containers else None
        match mark:
            case b"}" | b"]":
                open_containers.pop()
            case b",":
                if innermost is not None:
                    innermost.index += 1
                    innermost.next_key = None
            case b":":
                pass
            case _ if innermost and not innermost.is_array and innermost.next_key is None:
                innermost.next_key = json.loads(mark)
                _note(found, _steps(innermost, wanted), token.start())
            case _:
                steps = _steps(innermost, wanted)
                _note(found, steps, token.start())
                if mark in (b"{", b"["):
                    open_containers.append(_Container(steps, mark == b"["))
    return found


def _note(found: dict[Steps, int], steps: Steps | None, offset: int) -> None:
    if steps is not None:
        found.setdefault(steps, offset)


def _steps(container: _Container | None, wanted: Wanted) -> Steps | None:
    """Return the steps to what comes next in a container, None where that is not wanted."""
    if container is None:
        return ()
    if container.steps is None:
        return None
    if container.is_array:
        return wanted.item(container.steps, container.index)
    return wanted.child(container.steps, container.next_key or "")


class _Lines:
    """Turns offsets into lines and columns, both counted from 1, columns in characters."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __call__(self, offset: int) -> Place:
        before = self._body[:offset]
        start = before.rfind(b"\n") + 1
        return Place(before.count(b"\n") + 1, len(before[start:].decode(errors="replace")) + 1)
