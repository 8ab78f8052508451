"""http://hl7.org/fhirpath/N1/#string-manipulation."""

import re
from collections.abc import Callable, Mapping

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import (
    BOOLEAN,
    INTEGER,
    STRING,
    Function,
    pattern,
    values,
)
from psolink.fhirpath.nodes import NONE, Collection, boolean, integer, string, system_node
from psolink.fhirpath.patterns import Match, Pattern
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import single_integer, single_string

_REFERENCE = re.compile(r"\$(?:(?P<number>\d)|\{(?P<name>\w{1,60})\})", re.ASCII)


def _about(gives: str, name: str, answer: Callable[[str], Collection]) -> Function:
    """Return a function of one string."""

    def apply(run: Run, nodes: Collection) -> Collection:
        text = single_string(nodes, name)
        if text is None:
            return NONE
        run.spend(len(text) // 64)
        return answer(text)

    return values(gives, apply)


def _between(gives: str, name: str, answer: Callable[[str, str], Collection]) -> Function:
    """Return a function of two strings."""

    def apply(run: Run, nodes: Collection, argument: Collection) -> Collection:
        text, other = single_string(nodes, name), single_string(argument, name)
        if text is None or other is None:
            return NONE
        run.spend(len(text) // 64)
        return answer(text, other)

    return values(gives, apply, 1)


def _substring(_run: Run, nodes: Collection, start: Collection, *length: Collection) -> Collection:
    text, first = single_string(nodes, "substring"), single_integer(start, "substring")
    if text is None or first is None or not 0 <= first < len(text):
        return NONE
    count = single_integer(length[0], "substring") if length else None
    return string(text[first:] if count is None else text[first : first + max(count, 0)])


def _replace(run: Run, nodes: Collection, old: Collection, new: Collection) -> Collection:
    text = single_string(nodes, "replace")
    ours, theirs = single_string(old, "replace"), single_string(new, "replace")
    if text is None or ours is None or theirs is None:
        return NONE
    run.spend((len(text) + 1) * (len(theirs) + 1) // 64)
    return string(text.replace(ours, theirs))


def _matching(name: str, *, whole: bool) -> Function:
    def apply(run: Run, nodes: Collection, wanted: Pattern) -> Collection:
        text = single_string(nodes, name)
        if text is None:
            return NONE
        return boolean(value=wanted.is_in(text, run.spend, whole=whole))

    return pattern(BOOLEAN, apply)


def _replace_matches(run: Run, nodes: Collection, wanted: Pattern, new: Collection) -> Collection:
    text, replacement = single_string(nodes, "replaceMatches"), single_string(new, "replaceMatches")
    if text is None or replacement is None:
        return NONE
    names = wanted.program.names
    parts: list[str] = []
    end = 0
    for match in wanted.matches(text, run.spend):
        parts += (text[end : match[0]], _filled(replacement, match, names, text))
        run.spend(1 + len(parts[-1]) // 64)
        end = match[1]
    return string("".join([*parts, text[end:]]))


def _filled(replacement: str, match: Match, names: Mapping[str, int], text: str) -> str:
    """Return a replacement with the groups that it names by `$1` or `${name}`."""

    def group(reference: re.Match[str]) -> str:
        name = reference["name"]
        number = (
            names.get(name) if name and not name.isdigit() else int(name or reference["number"])
        )
        if number is None or 2 * number + 1 >= len(match):
            raise FhirPathError("replaceMatches() refers to a group that the pattern does not have")
        begin, end = match[2 * number : 2 * number + 2]
        return text[begin:end] if begin >= 0 else ""

    return _REFERENCE.sub(group, replacement)


def _characters(text: str) -> Collection:
    return [system_node(character, "String") for character in text]


FUNCTIONS: Mapping[str, Function] = {
    "indexOf": _between(INTEGER, "indexOf", lambda text, part: integer(text.find(part))),
    "lastIndexOf": _between(INTEGER, "lastIndexOf", lambda text, part: integer(text.rfind(part))),
    "substring": values(STRING, _substring, 1, 2),
    "startsWith": _between(
        BOOLEAN, "startsWith", lambda text, part: boolean(value=text.startswith(part))
    ),
    "endsWith": _between(
        BOOLEAN, "endsWith", lambda text, part: boolean(value=text.endswith(part))
    ),
    "contains": _between(BOOLEAN, "contains", lambda text, part: boolean(value=part in text)),
    "upper": _about(STRING, "upper", lambda text: string(text.upper())),
    "lower": _about(STRING, "lower", lambda text: string(text.lower())),
    "length": _about(INTEGER, "length", lambda text: integer(len(text))),
    "toChars": _about(STRING, "toChars", _characters),
    "replace": values(STRING, _replace, 2),
    "matches": _matching("matches", whole=False),
    "matchesFull": _matching("matchesFull", whole=True),
    "replaceMatches": pattern(STRING, _replace_matches, 2),
}
