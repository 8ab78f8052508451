"""SMART scopes for backend services: which interactions with which resource types.

https://hl7.org/fhir/smart-app-launch/STU2/scopes-and-launch-context.html
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

INTERACTIONS = "cruds"
"""Create, read, update, delete, search, in the order in which a scope names them."""

ANY_TYPE = "*"

_LONGEST_SCOPE = 100
_VERSION_1 = {"read": "rs", "write": "cud", "*": INTERACTIONS}
_NEEDS_A_USER = {"patient", "user", "launch"}
_FORM = re.compile(r"system/(?P<type>\*|[A-Z][A-Za-z]{1,63})\.(?P<letters>[a-z]+|\*)")
# https://www.rfc-editor.org/rfc/rfc6749#section-3.3
_PRINTABLE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")


class InvalidScope(ValueError):
    """A scope that this server does not grant to anyone; the text says why."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """Pairs of resource type (or `*`) and interaction; equal when they allow the same."""

    pairs: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        shortest = {
            (each, letter)
            for each, letter in self.pairs
            if each == ANY_TYPE or (ANY_TYPE, letter) not in self.pairs
        }
        object.__setattr__(self, "pairs", frozenset(shortest))

    @classmethod
    def parse(cls, text: str) -> "Scopes":
        """Return the scopes of a space-separated list; raise `InvalidScope` for the first fault."""
        return cls(frozenset(pair for scope in text.split(" ") if scope for pair in _pairs(scope)))

    def allow(self, interaction: str, resource_type: str) -> bool:
        """Tell whether the interaction (a letter of `cruds`) with the type is covered."""
        return not self.pairs.isdisjoint({(ANY_TYPE, interaction), (resource_type, interaction)})

    def __or__(self, other: "Scopes") -> "Scopes":
        return Scopes(self.pairs | other.pairs)

    def __and__(self, other: "Scopes") -> "Scopes":
        return Scopes(
            frozenset(
                (each, letter)
                for each, letter in self.pairs | other.pairs
                if self.allow(letter, each) and other.allow(letter, each)
            )
        )

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __str__(self) -> str:
        letters: dict[str, set[str]] = defaultdict(set)
        for each, letter in self.pairs:
            letters[each].add(letter)
        return " ".join(f"system/{each}.{_in_order(letters[each])}" for each in sorted(letters))


def _in_order(letters: Iterable[str]) -> str:
    return "".join(sorted(letters, key=INTERACTIONS.index))


def _pairs(scope: str) -> Iterable[tuple[str, str]]:
    _refuse_unprintable(scope)
    _refuse_unsupported(scope)
    match = _FORM.fullmatch(scope)
    if match is None:
        raise InvalidScope(f"{scope} is not of the form system/AdverseEvent.rs or system/*.cruds")
    letters = _VERSION_1.get(match["letters"], match["letters"])
    if letters != _in_order(set(letters) & set(INTERACTIONS)):
        raise InvalidScope(
            f"{scope} must end in read, write, * or in letters of cruds in this order, each once"
        )
    return ((match["type"], letter) for letter in letters)


def _refuse_unprintable(scope: str) -> None:
    # The text comes back in an error_description, which takes only these characters.
    if len(scope) > _LONGEST_SCOPE or not _PRINTABLE.fullmatch(scope):
        raise InvalidScope(
            f"a scope has at most {_LONGEST_SCOPE} characters, all printable ASCII "
            "but the quotation mark and the backslash"
        )


def _refuse_unsupported(scope: str) -> None:
    if scope.partition("/")[0] in _NEEDS_A_USER:
        raise InvalidScope(
            f"{scope} needs a patient or a user, and a backend service acts for neither: "
            "ask for a system/ scope"
        )
    if "?" in scope:
        # Dropping the restriction would grant more than was asked for.
        raise InvalidScope(f"{scope} is restricted by a query, which this server does not support")
