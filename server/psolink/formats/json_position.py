"""Where in a body a fault is; only asked once there is one."""

import json
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')
_NUMBER_FOLLOWS = rb"(?:^|[:\[,\s])(?=%s)"
_COMPARED = 60


@dataclass(slots=True)
class _Object:
    keys: set[str] = field(default_factory=set)
    expects_key: bool = True


def position(body: bytes, offset: int) -> str:
    """Return line and column of a byte, both counted from 1, columns in characters."""
    before = body[:offset]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
    return f"line {line}, column {column}"


def number_position(body: bytes, text: str) -> str:
    """Return where a number stands that is written so; its first digits tell it from others."""
    found = re.search(_NUMBER_FOLLOWS % re.escape(text[:_COMPARED].encode()), body)
    return position(body, found.end() if found else 0)


def escape_offset(body: bytes, escaped: bytes) -> int:
    """Return where a backslash, itself not escaped, comes before `escaped`."""
    matches = re.finditer(rb"\\\\|(\\%s)" % re.escape(escaped), body)
    return next(match.start() for match in matches if match[1])


def duplicate_key(body: bytes) -> tuple[str, str]:
    """Return the first key that its object has already, and where it comes again."""
    open_containers: list[_Object | None] = []
    for token in _TOKEN.finditer(body):
        mark = token[0]
        innermost = open_containers[-1] if open_containers else None
        if mark in b"{[":
            open_containers.append(_Object() if mark == b"{" else None)
        elif mark in b"}]":
            open_containers.pop()
        elif innermost and mark in b":,":
            innermost.expects_key = mark == b","
        elif innermost and innermost.expects_key:
            key = json.loads(mark)
            if key in innermost.keys:
                return key, position(body, token.start())
            innermost.keys.add(key)
    raise ValueError("no object of the body has a key twice")
