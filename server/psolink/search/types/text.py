"""`_text` and `_content`: the words of the narrative, and all words of a resource.

`fall bed` finds what has both words, `fall OR bed` one of them, `(fall OR slip) bed` is grouped and
`hosp*` begins a word. There is no stemming, no ranking and no order of words.

https://hl7.org/fhir/R4/search.html#content
"""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from psolink.fhir_json import JsonObject
from psolink.search.conditions import all_of
from psolink.search.escapes import escape, unescape
from psolink.search.search_type import Asked, MalformedValue, SearchType, Term, checked
from psolink.search.texts import following
from psolink.search.words import NARRATIVE, words_in

MAX_TOKENS = 50
"""The most words and signs in one value."""

_TOKEN = re.compile(r"[()]|[^\s()]+")

_GROUP = "("


class Match(Protocol):
    """Makes the condition of a word, or of what begins with it."""

    def __call__(self, word: str, *, is_start: bool) -> JsonObject:
        """Return the condition on a document."""
        ...


def parse_text(value: str, _asked: Asked) -> Term:
    """Return the term of the words of the narrative."""
    return _parse(value, _in_narrative)


def parse_content(value: str, _asked: Asked) -> Term:
    """Return the term of the words of all of a resource."""
    return _parse(value, _in_content)


def _parse(value: str, match: Match) -> Term:
    tokens = _TOKEN.findall(checked(unescape(value)))
    if len(tokens) > MAX_TOKENS:
        raise MalformedValue(f"at most {MAX_TOKENS} words are expected, found {len(tokens)}")
    reader = _Reader(tokens, match)
    condition = reader.alternatives()
    if reader.left or condition is None:
        raise MalformedValue(
            "words of two letters or more are expected, such as: (fall OR slip) bed*"
        )
    return Term(escape(" ".join(tokens)), condition)


class _Reader:
    """Reads alternatives of sequences of words and groups."""

    def __init__(self, tokens: Sequence[str], match: Match) -> None:
        self.left = list(tokens)
        self._match = match

    def alternatives(self) -> JsonObject | None:
        """Return the condition of what stands between `OR`s; None without a word."""
        found = [self._sequence()]
        while self._next_is("or"):
            self.left.pop(0)
            found.append(self._sequence())
        known = [each for each in found if each is not None]
        if len(known) < len(found):
            return None
        return known[0] if len(known) == 1 else {"$or": known}

    def _sequence(self) -> JsonObject | None:
        """Return the condition of words and groups that must all be there."""
        found: list[JsonObject] = []
        while self.left and self.left[0] != ")" and not self._next_is("or"):
            if self._next_is("and"):
                self.left.pop(0)
            else:
                found += self._one()
        return all_of(found) if found else None

    def _one(self) -> Iterator[JsonObject]:
        token = self.left.pop(0)
        if token != _GROUP:
            yield from self._words(token)
            return
        inner = self.alternatives()
        if inner is None or not self.left or self.left.pop(0) != ")":
            raise MalformedValue("a group of words ends with a parenthesis: (fall OR slip) bed")
        yield inner

    def _words(self, token: str) -> Iterator[JsonObject]:
        words = words_in(token)
        for at, word in enumerate(words):
            is_last = at == len(words) - 1
            yield self._match(word, is_start=is_last and token.endswith("*"))

    def _next_is(self, word: str) -> bool:
        return bool(self.left) and self.left[0].lower() == word


def _in_narrative(word: str, *, is_start: bool) -> JsonObject:
    return {"words": _has(f"{NARRATIVE}{word}", is_start=is_start)}


def _in_content(word: str, *, is_start: bool) -> JsonObject:
    if is_start:
        return {
            "$or": [{"words": _has(f"{sign}{word}", is_start=True)} for sign in ("", NARRATIVE)]
        }
    return {"words": {"$in": [word, f"{NARRATIVE}{word}"]}}


def _has(word: str, *, is_start: bool) -> object:
    if not is_start:
        return word
    return {"$elemMatch": {"$gte": word, "$lt": following(word)}}


TEXT = SearchType(array=None, index={}, parse=parse_text)
CONTENT = SearchType(array=None, index={}, parse=parse_content)
