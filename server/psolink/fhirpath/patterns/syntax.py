"""Parse a regular expression."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from psolink.fhirpath.errors import FhirPathError

MAX_REPEATED = 1000
_MAX_DEPTH = 30
_HEX_DIGITS = {"x": 2, "u": 4}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_ASSERTIONS = {"^": "start", "$": "end"}
_ESCAPED_ASSERTIONS = {"A": "start", "z": "end", "Z": "end", "b": "word", "B": "not word"}
_SIMPLE_COUNTS = {"*": (0, None), "+": (1, None), "?": (0, 1)}

MAX_LENGTH = 2000

Test = Callable[[str], bool]


def is_word(character: str) -> bool:
    """Return whether a character belongs to words, as the class `w` has it."""
    return character == "_" or (character.isascii() and character.isalnum())


_CLASSES: dict[str, Test] = {
    "d": lambda character: "0" <= character <= "9",
    "w": is_word,
    "s": lambda character: character in " \t\n\r\f\v",
}


@dataclass(frozen=True, slots=True)
class Character:
    """One character that passes a test."""

    test: Test


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place in the text: `start`, `end`, `word` (a boundary) or `not word`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: "tuple[Item, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    """The first that fits."""

    options: "tuple[Item, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """So many times; `most` is None without a limit."""

    item: "Item"
    least: int
    most: int | None
    is_lazy: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What a replacement may refer to, by number or name."""

    item: "Item"
    number: int


Item = Character | Assertion | Sequence | Choice | Repeat | Group


class PatternParser:
    """Reads one pattern; `names` are those of its groups."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.groups = 0
        self.names: dict[str, int] = {}

    def parse(self) -> Item:
        """Return the whole pattern."""
        if len(self._text) > MAX_LENGTH:
            raise FhirPathError(f"the pattern is longer than {MAX_LENGTH} characters")
        found = self._choice()
        if self._at < len(self._text):
            raise self._wrong("a ) without its (")
        return found

    def _choice(self) -> Item:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._wrong(f"groups nested deeper than {_MAX_DEPTH} levels")
        options = [self._sequence()]
        while self._accept("|"):
            options.append(self._sequence())
        self._depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Item:
        items: list[Item] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            items.append(self._repeated(self._atom()))
        return Sequence(tuple(items))

    def _repeated(self, item: Item) -> Item:
        while (counts := self._counts()) is not None:
            if isinstance(item, Assertion):
                raise self._wrong("a repeated place")
            item = Repeat(item, *counts, is_lazy=self._accept("?"))
        return item

    def _counts(self) -> tuple[int, int | None] | None:
        character = self._text[self._at : self._at + 1]
        if character in _SIMPLE_COUNTS:
            self._at += 1
            return _SIMPLE_COUNTS[character]
        end = self._text.find("}", self._at) if character == "{" else -1
        least, comma, most = self._text[self._at + 1 : max(end, 0)].partition(",")
        if not (least.isascii() and least.isdigit()) or not (most.isdigit() or not most):
            return None
        self._at = end + 1
        counts = int(least[:9]), int(most[:9]) if most else None if comma else int(least[:9])
        if max(counts[0], counts[1] or 0) > MAX_REPEATED:
            raise self._wrong(f"more than {MAX_REPEATED} repetitions")
        if counts[1] is not None and counts[1] < counts[0]:
            raise self._wrong("a range of repetitions that runs backwards")
        return counts

    def _atom(self) -> Item:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return Character(self._class())
        if character == ".":
            return Character(lambda _any: True)
        if character in _ASSERTIONS:
            return Assertion(_ASSERTIONS[character])
        if character == "\\":
            return self._escape()
        if character in "*+?":
            raise self._wrong(f"a {character} with nothing to repeat")
        return Character(character.__eq__)

    def _group(self) -> Item:
        number: int | None = None
        if not self._accept("?:"):
            self.groups += 1
            number = self.groups
            if self._accept("?<") or self._accept("?P<"):
                self.names[self._name()] = number
            elif self._accept("?"):
                raise self._wrong("looking around or flags, which are not supported")
        found = self._choice()
        if not self._accept(")"):
            raise self._wrong("a ( without its )")
        return found if number is None else Group(found, number)

    def _name(self) -> str:
        end = self._text.find(">", self._at)
        name = self._text[self._at : max(end, self._at)]
        if not name.isidentifier():
            raise self._wrong("looking behind, or a group without a proper name")
        self._at = end + 1
        return name

    def _escape(self) -> Item:
        ahead = self._text[self._at : self._at + 1]
        if ahead in _ESCAPED_ASSERTIONS:
            self._at += 1
            return Assertion(_ESCAPED_ASSERTIONS[ahead])
        return Character(self._escaped())

    def _escaped(self) -> Test:
        """Return what an escape stands for, within a class or without."""
        character = self._take()
        if character.lower() in _CLASSES:
            test = _CLASSES[character.lower()]
            return test if character.islower() else lambda each: not test(each)
        if character in _CONTROLS:
            return _CONTROLS[character].__eq__
        if character in _HEX_DIGITS:
            return self._hexadecimal(_HEX_DIGITS[character]).__eq__
        if character.isalnum():
            raise self._wrong(f"\\{character}, which is not supported")
        return character.__eq__

    def _hexadecimal(self, digits: int) -> str:
        found = self._text[self._at : self._at + digits]
        if len(found) != digits or not all(each in "0123456789abcdefABCDEF" for each in found):
            raise self._wrong(f"an escape without its {digits} hexadecimal digits")
        self._at += digits
        return chr(int(found, 16))

    def _class(self) -> Test:
        negated = self._accept("^")
        ranges: list[tuple[str, str]] = []
        tests: dict[str, Test] = {}
        is_first = True
        while is_first or not self._accept("]"):
            is_first = False
            self._add_member(ranges, tests)
        return _class_test(ranges, tests, negated=negated)

    def _add_member(self, ranges: list[tuple[str, str]], tests: dict[str, Test]) -> None:
        begin = self._at
        low, test = self._class_character()
        if low is None:
            tests[self._text[begin : self._at]] = test
            return
        is_range = self._text[self._at : self._at + 1] == "-"
        if not is_range or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            ranges.append((low, low))
            return
        self._at += 1
        high, _ = self._class_character()
        if high is None or high < low:
            raise self._wrong("a range of characters that is none")
        ranges.append((low, high))

    def _class_character(self) -> tuple[str | None, Test]:
        """Return a character of a class, None where it stands for several, and its test."""
        character = self._take()
        if character == "[" and self._text[self._at : self._at + 1] in (":", "["):
            raise self._wrong("a class within a class, which is not supported")
        if character != "\\":
            return character, character.__eq__
        ahead = self._text[self._at : self._at + 1]
        if ahead == "b":
            self._at += 1
            return "\b", "\b".__eq__
        test = self._escaped()
        if ahead.lower() in _CLASSES:
            return None, test
        found = _CONTROLS.get(ahead, ahead)
        if ahead in _HEX_DIGITS:
            found = chr(int(self._text[self._at - _HEX_DIGITS[ahead] : self._at], 16))
        return found, test

    def _accept(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise self._wrong("an end where more is expected")
        self._at += 1
        return self._text[self._at - 1]

    def _wrong(self, found: str) -> FhirPathError:
        return FhirPathError(f"the pattern has {found}, at its character {self._at}")


def _class_test(ranges: list[tuple[str, str]], tests: dict[str, Test], *, negated: bool) -> Test:
    """Return the test of a class, whose time does not grow with the class."""
    merged: list[tuple[str, str]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    lows = [low for low, _ in merged]
    others = tuple(tests.values())

    def passes(character: str) -> bool:
        at = bisect_right(lows, character) - 1
        found = at >= 0 and character <= merged[at][1]
        return (found or any(test(character) for test in others)) != negated

    return passes
