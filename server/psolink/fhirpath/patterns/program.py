"""A regular expression as a program of states."""

from dataclasses import dataclass
from enum import Enum, auto

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.patterns.syntax import (
    Assertion,
    Character,
    Choice,
    Group,
    Item,
    PatternParser,
    Repeat,
    Sequence,
    Test,
)

MAX_STATES = 5000


class Kind(Enum):
    """What a state does."""

    CHARACTER = auto()
    ASSERTION = auto()
    SPLIT = auto()
    SAVE = auto()
    MATCH = auto()


@dataclass(slots=True)
class State:
    """One state: what it tests or saves, and where it leads, the preferred way first."""

    kind: Kind
    next: tuple[int, ...] = ()
    test: Test | None = None
    place: str = ""
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """The states of a pattern, from the first; the groups that a replacement can name."""

    states: tuple[State, ...]
    groups: int
    names: dict[str, int]


def program(text: str) -> Program:
    """Return the program of a pattern; raise FhirPathError where it is wrong or too large."""
    parser = PatternParser(text)
    item = parser.parse()
    builder = _Builder()
    builder.add(item)
    builder.put(State(Kind.MATCH))
    return Program(tuple(builder.states), parser.groups, parser.names)


class _Builder:
    """Puts states one after the other; each leads to the next unless told otherwise."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self._added = 0

    def put(self, state: State) -> int:
        """Add one state and return its number."""
        if len(self.states) >= MAX_STATES:
            raise FhirPathError(f"the pattern has more than {MAX_STATES} states")
        self.states.append(state)
        return len(self.states) - 1

    def add(self, item: Item) -> None:
        """Add the states of an item."""
        self._added += 1  # what is repeated may be empty, and then no states would be counted
        if self._added > 4 * MAX_STATES:
            raise FhirPathError("the pattern has too many repetitions")
        after = len(self.states) + 1
        match item:
            case Character(test):
                self.put(State(Kind.CHARACTER, (after,), test=test))
            case Assertion(place):
                self.put(State(Kind.ASSERTION, (after,), place=place))
            case Sequence():
                self._sequence(item)
            case Choice(options):
                self._choice(options)
            case Repeat():
                self._repeat(item)
            case Group(inner, number):
                self.put(State(Kind.SAVE, (after,), slot=2 * number))
                self.add(inner)
                self.put(State(Kind.SAVE, (len(self.states) + 1,), slot=2 * number + 1))

    def _sequence(self, sequence: Sequence) -> None:
        for each in sequence.items:
            self.add(each)

    def _choice(self, options: tuple[Item, ...]) -> None:
        jumps: list[int] = []
        for option in options[:-1]:
            split = self.put(State(Kind.SPLIT))
            self.add(option)
            jumps.append(self.put(State(Kind.SPLIT)))
            self.states[split].next = (split + 1, len(self.states))
        self.add(options[-1])
        for jump in jumps:
            self.states[jump].next = (len(self.states),)

    def _repeat(self, repeat: Repeat) -> None:
        for _ in range(repeat.least):
            self.add(repeat.item)
        if repeat.most is None:
            split = self._split()
            self.add(repeat.item)
            self.put(State(Kind.SPLIT, (split,)))
            self._join([split], is_lazy=repeat.is_lazy)
            return
        splits = []
        for _ in range(repeat.most - repeat.least):
            splits.append(self._split())
            self.add(repeat.item)
        self._join(splits, is_lazy=repeat.is_lazy)

    def _split(self) -> int:
        return self.put(State(Kind.SPLIT))

    def _join(self, splits: list[int], *, is_lazy: bool) -> None:
        """Let the splits lead on into what they repeat, or past it."""
        end = len(self.states)
        for split in splits:
            self.states[split].next = (end, split + 1) if is_lazy else (split + 1, end)
