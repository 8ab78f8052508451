"""The words of diagnostics: values shown short, and names that were perhaps meant."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from difflib import get_close_matches
from json import dumps

_SHOWN = 40
_LISTED = 8
_COMPARED = 64
_LARGEST_BITS = 128


def show(value: object) -> str:
    """Return the client's own value as it would say it, cut short."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float() | Decimal():
            return _show_number(value)
        case str():
            return f'"{_visible(_cut(value))}"'
        case list():
            return f"an array of {len(value)}"
        case _:
            return "an object"


def _show_number(value: float | Decimal) -> str:
    # Python refuses to write out an integer of thousands of digits.
    if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
        return "a very large number"
    return f"the number {_cut(str(value))}"


def show_name(name: str) -> str:
    """Return a name of the client's, cut short."""
    return _visible(_cut(name))


def article(noun: str) -> str:
    """Return the noun with a or an."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def nearest(name: str, names: Collection[str]) -> str | None:
    """Return the one of `names` that was probably meant."""
    if len(name) > _COMPARED:
        return None
    folded = {each.lower(): each for each in sorted(names)}
    found = get_close_matches(name.lower(), folded, n=1, cutoff=0.7)
    return folded[found[0]] if found else None


def listed(names: Iterable[str]) -> str:
    """Return the first names in order, and how many more there are."""
    ordered = sorted(names)
    more = len(ordered) - _LISTED
    return ", ".join(ordered[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _visible(text: str) -> str:
    """Return the text with line feeds and their like as JSON escapes them, on one line."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else dumps(each)[1:-1] for each in text)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
