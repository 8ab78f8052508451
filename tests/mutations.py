"""Resources that were valid until a few things in them were changed at random."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from random import Random
from typing import Any

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**31, 2**63, 10**40, Decimal("1.50"), Decimal("1E+400"), Decimal("-0.0")),
    *("", " ", "a", "x" * 5000, "2026-02-30", "24:00:00", "é漢𝄞\u2028", "\u0085", "javascript:a"),
    *("#", "#missing", "Patient/a|b", "urn:uuid:x", "http://[", "../..", "Patient?identifier=a|b"),
    *("<div/>", "&amp;", "$where", "a.b", "{{7*7}}", "' or 1=1", "%00", "\\", "*", "/", "|", ","),
    *([], {}, [[]], [None], {"": ""}, {"$gt": ""}, {"a.b": 1}, {"resourceType": "Patient"}),
)
KEYS = (
    *("", "_", "_id", "id", "meta", "extension", "_extension", "contained", "resourceType", "text"),
    *("$set", "a.b", "valueString", "_value", "modifierExtension", "entry", "x" * 300, "é"),
)
PIECES = (
    *(b"", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\n", b" ", b'"', b"\\", b"\\u"),
    *(b"{", b"}", b"[", b"]", b",", b":", b"null", b"-", b"1e999999999", b"9" * 400, b"NaN"),
    *(b"<", b">", b"/>", b"&", b"&#0;", b"&#xD800;", b"<!--", b"<![CDATA[", b"<!DOCTYPE a>", b"<?"),
    *(b' xmlns=""', b' xml:base="a"', b' value="1"', b"<div>", b"<extension/>", b"\xc2\x85"),
)


def mutated(resource: Any, random: Random, changes: int = 3) -> Any:
    """Return the resource with so many values changed, taken away, doubled or put elsewhere."""
    copy: Any = deepcopy(resource)
    for _ in range(changes):
        places = list(_places(copy))
        if places:
            holder, key = random.choice(places)
            random.choice(_CHANGES)(holder, key, random)
    return copy


def spoiled(body: bytes, random: Random, changes: int = 2) -> bytes:
    """Return the body with so many pieces of other bytes in it."""
    for _ in range(changes):
        at, removed = random.randint(0, len(body)), random.choice((0, 0, 1, 2, 9, 40))
        body = body[:at] + random.choice(PIECES) + body[at + removed :]
    return body


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict | list):
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            found += [(holder, key) for key in keys]
            waiting += [holder[key] for key in keys]
    return found


def _replace(holder: Any, key: Any, random: Random) -> None:
    holder[key] = deepcopy(random.choice(JUNK))


def _remove(holder: Any, key: Any, _random: Random) -> None:
    del holder[key]


def _wrap(holder: Any, key: Any, random: Random) -> None:
    holder[key] = random.choice(({"extension": [holder[key]]}, [holder[key]], [holder[key]] * 2))


def _rename(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, dict):
        holder[random.choice(KEYS)] = holder.pop(key)
    else:
        holder.insert(0, deepcopy(holder[key]))


def _unwrap(holder: Any, key: Any, random: Random) -> None:
    value = holder[key]
    if isinstance(value, Mapping | list) and value:
        inner = list(value.values()) if isinstance(value, Mapping) else value
        holder[key] = random.choice(inner)
    else:
        holder[key] = f"{value}{random.choice(('', ' ', 'x', chr(0)))}"


_CHANGES: tuple[Callable[[Any, Any, Random], None], ...] = (
    _replace,
    _replace,
    _remove,
    _wrap,
    _rename,
    _unwrap,
)
