"""Run the program of a regular expression over a text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from psolink.fhirpath.patterns.program import Kind, Program, State, program
from psolink.fhirpath.patterns.syntax import is_word

Spend = Callable[[int], None]
Saved = tuple[int, ...]
Match = Saved
"""Where a match and its groups begin and end, two numbers for each; -1 where a group has none."""

_MAX_KNOWN = 2000
_CHARACTERS_OF_A_STEP = 16

_Key = tuple[frozenset[int], str, str]


@dataclass(slots=True)
class Pattern:
    """A regular expression. What it finds out about sets of states, it remembers."""

    program: Program
    _known: dict[_Key, tuple[frozenset[int], bool]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many states there are."""
        return len(self.program.states)

    def is_in(self, text: str, spend: Spend, *, whole: bool = False) -> bool:
        """Return whether some part of the text matches, or the whole of it."""
        begin = frozenset((0,))
        now, before = begin, ""
        spend(1 + len(text) // _CHARACTERS_OF_A_STEP)
        for at in range(len(text) + 1):
            character = text[at : at + 1]
            then, matches = self._advance(now, before, character, spend)
            if matches and (not whole or not character):
                return True
            now, before = (then if whole else then | begin), character
            if not now:
                return False
        return False

    def matches(self, text: str, spend: Spend) -> Iterator[Match]:
        """Yield the matches from left to right, none of them empty."""
        start = 0
        while start < len(text):
            found = self._first(text, start, spend)
            if found is None:
                return
            if found[1] > found[0]:
                yield found
            start = max(found[1], found[0] + 1)

    def _advance(
        self, now: frozenset[int], before: str, character: str, spend: Spend
    ) -> tuple[frozenset[int], bool]:
        """Return the states after a character, and whether one before it is the end."""
        key = (now, before if not before else "w" if is_word(before) else "-", character)
        known = self._known.get(key)
        if known is None:
            reached = self._reached([(state, ()) for state in sorted(now)], before, character)
            spend(1 + len(reached))
            states = self.program.states
            then = frozenset(
                states[each].next[0] for each in reached if _takes(states[each], character)
            )
            known = then, any(states[each].kind is Kind.MATCH for each in reached)
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[key] = known
        return known

    def _first(self, text: str, start: int, spend: Spend) -> Match | None:
        """Return the leftmost match, of several there the preferred one."""
        unset = (-1,) * (2 * self.program.groups + 2)
        threads: list[tuple[int, Saved]] = []
        best: Match | None = None
        for at in range(start, len(text) + 1):
            if best is None:
                threads.append((0, (at, *unset[1:])))
            elif not threads:
                return best
            before, character = text[at - 1 : at] if at else "", text[at : at + 1]
            reached = self._reached(threads, before, character, at)
            spend(1 + len(reached))
            threads = []
            for number, saved in reached.items():
                state = self.program.states[number]
                if state.kind is Kind.MATCH:
                    best = (saved[0], at, *saved[2:])
                    break  # the ways after it are less preferred
                if _takes(state, character):
                    threads.append((state.next[0], saved))
        return best

    def _reached(
        self, threads: list[tuple[int, Saved]], before: str, character: str, at: int = 0
    ) -> dict[int, Saved]:
        """Return the states that wait for a character or are the end, the preferred first."""
        found: dict[int, Saved] = {}
        seen: set[int] = set()
        pending = list(reversed(threads))
        while pending:
            number, saved = pending.pop()
            if number in seen:
                continue
            seen.add(number)
            state = self.program.states[number]
            if state.kind in (Kind.CHARACTER, Kind.MATCH):
                found[number] = saved
                continue
            if state.kind is Kind.ASSERTION and not _holds(state.place, before, character):
                continue
            if state.kind is Kind.SAVE and saved:
                saved = (*saved[: state.slot], at, *saved[state.slot + 1 :])
            pending.extend((each, saved) for each in reversed(state.next))
        return found


def compile_pattern(text: str) -> Pattern:
    """Return the pattern; raise FhirPathError where it is wrong or not supported."""
    return Pattern(program(text))


def _takes(state: State, character: str) -> bool:
    return bool(character) and state.test is not None and state.test(character)


def _holds(place: str, before: str, character: str) -> bool:
    if place == "start":
        return not before
    if place == "end":
        return not character
    is_boundary = (bool(before) and is_word(before)) != (bool(character) and is_word(character))
    return is_boundary == (place == "word")
