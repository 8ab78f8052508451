"""http://hl7.org/fhirpath/N1/#string-manipulation."""

from collections.abc import Callable, Mapping

from psolink.fhirpath.functions.function import (
    BOOLEAN,
    INTEGER,
    STRING,
    Function,
    Pattern,
    pattern,
    values,
)
from psolink.fhirpath.nodes import NONE, Collection, boolean, integer, string, system_node
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import single_integer, single_string


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


def _matches(run: Run, nodes: Collection, wanted: Pattern) -> Collection:
    text = single_string(nodes, "matches")
    if text is None:
        return NONE
    run.spend(len(text) // 64)
    return boolean(value=wanted.search(text) is not None)


def _replace_matches(run: Run, nodes: Collection, wanted: Pattern, new: Collection) -> Collection:
    text, replacement = single_string(nodes, "replaceMatches"), single_string(new, "replaceMatches")
    if text is None or replacement is None:
        return NONE
    run.spend((len(text) + 1) * (len(replacement) + 1) // 64)
    return string(wanted.sub(lambda _match: replacement, text))


def _characters(text: str) -> Collection:
    return [system_node(character, "String") for character in text]


FUNCTIONS: Mapping[str, Function] = {
    "indexOf": _between(INTEGER, "indexOf", lambda text, part: integer(text.find(part))),
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
    "matches": pattern(BOOLEAN, _matches),
    "replaceMatches": pattern(STRING, _replace_matches, 2),
}
