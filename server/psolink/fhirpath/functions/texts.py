"""Strings split, joined, encoded and escaped.

http://hl7.org/fhirpath/#additional-string-functions
"""

import base64
import binascii
import html
import json
from collections.abc import Callable, Mapping

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import STRING, Function, values
from psolink.fhirpath.nodes import NONE, Collection, string, system_node
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import single_string

_CHARACTERS_OF_A_STEP = 16

Change = Callable[[str], str]


def _unhexed(text: str) -> str:
    return bytes.fromhex(text).decode()


def _unescaped_json(text: str) -> str:
    # Quotes need no escape here, because the string is in none.
    found = json.loads('"' + text.replace('\\"', '"').replace('"', '\\"') + '"', strict=False)
    # Half of a pair is no text: to encode it raises what the caller expects.
    return str(found).encode().decode()


_ENCODINGS: Mapping[str, Change] = {
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "urlbase64": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}
_DECODINGS: Mapping[str, Change] = {
    "hex": _unhexed,
    "base64": lambda text: base64.b64decode(text, validate=True).decode(),
    "urlbase64": lambda text: base64.b64decode(text, altchars=b"-_", validate=True).decode(),
}
_ESCAPES: Mapping[str, Change] = {
    "html": html.escape,
    "json": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
}
_UNESCAPES: Mapping[str, Change] = {"html": html.unescape, "json": _unescaped_json}


def _changed_by(name: str, changes: Mapping[str, Change]) -> Function:
    """Return a function that changes a string in the way that its argument names."""

    def apply(run: Run, nodes: Collection, argument: Collection) -> Collection:
        text, way = single_string(nodes, name), single_string(argument, name)
        if text is None or way is None:
            return NONE
        change = changes.get(way)
        if change is None:
            raise FhirPathError(f"{name}() knows {' and '.join(changes)}, found another way")
        run.spend(len(text) // _CHARACTERS_OF_A_STEP)
        try:
            return string(change(text))
        except (ValueError, binascii.Error):
            raise FhirPathError(f"{name}() was given a text that is not {way}") from None

    return values(STRING, apply, 1)


def _trim(_run: Run, nodes: Collection) -> Collection:
    text = single_string(nodes, "trim")
    return NONE if text is None else string(text.strip())


def _split(run: Run, nodes: Collection, separator: Collection) -> Collection:
    text, between = single_string(nodes, "split"), single_string(separator, "split")
    if text is None or between is None:
        return NONE
    found = text.split(between) if between else list(text)
    run.spend(len(found))
    return [system_node(each, "String") for each in found]


def _join(run: Run, nodes: Collection, *separator: Collection) -> Collection:
    between = (single_string(separator[0], "join") or "") if separator else ""
    found = [text for node in nodes if (text := single_string((node,), "join")) is not None]
    run.spend(sum(map(len, found)) // _CHARACTERS_OF_A_STEP + len(found) * (1 + len(between)))
    return string(between.join(found)) if found else NONE


FUNCTIONS: Mapping[str, Function] = {
    "trim": values(STRING, _trim),
    "split": values(STRING, _split, 1),
    "join": values(STRING, _join, 0, 1),
    "encode": _changed_by("encode", _ENCODINGS),
    "decode": _changed_by("decode", _DECODINGS),
    "escape": _changed_by("escape", _ESCAPES),
    "unescape": _changed_by("unescape", _UNESCAPES),
}
