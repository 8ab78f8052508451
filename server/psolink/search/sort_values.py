"""What documents are sorted by: two scalars for each parameter, beside the arrays to search by.

A resource with several values comes where the first of them in the order of the result belongs,
so that the two directions need a value each. Both are read in descending order, because then what
has no value comes last: the one of the ascending direction is turned round.

https://hl7.org/fhir/R4/search.html#sort
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from psolink.fhir_json import JsonObject

MAX_SORTED_TEXT = 64
"""Texts that begin with the same so many characters are equal to a sort."""

WIDE = "_wide"
"""Takes the place of a parameter in tokens; the code is that of a date that is no single day."""

DAY_MILLISECONDS = 24 * 60 * 60 * 1000

NOT_SORTED = frozenset({"composite", "special"})
"""The types whose values have no order."""

_ASCENDING, _DESCENDING = "a", "d"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,63}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HIGHEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)

Scalar = str | int | Decimal
Value = Callable[[Mapping[str, Any]], Any]


def sort_path(code: str, *, descending: bool) -> str:
    """Return the field of a document that holds what the parameter is sorted by."""
    return f"sort.{code}.{_DESCENDING if descending else _ASCENDING}"


def is_sortable(code: str, array: str | None) -> bool:
    """Tell whether results can be sorted by a parameter whose values are in `array`."""
    return array in _VALUES and _CODE.fullmatch(code) is not None


def milliseconds(moment: datetime) -> int:
    """Return the milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def sort_values(array: str, entries: Sequence[JsonObject]) -> JsonObject | None:
    """Return what a parameter with these entries is sorted by; None without a value."""
    value = _VALUES.get(array)
    if value is None:
        return None
    # Quantities in base units go before those as they were written, which do not compare.
    converted = [entry for entry in entries if "k" in entry]
    found = [each for entry in converted or entries if (each := value(entry)) is not None]
    if not found:
        return None
    return {_ASCENDING: _turned(min(found)), _DESCENDING: max(found)}


def is_wide(array: str, entries: Sequence[JsonObject]) -> bool:
    """Tell whether the entries are dates that a day does not hold together."""
    dates = [each for each in entries if "lo" in each]
    if array != "date" or not dates:
        return False
    low = min(each["lo"] for each in dates)
    high = max(each["hi"] for each in dates)
    # A period that ends before it begins is no day either.
    return len(dates) > 1 or not 0 <= (high - low) // _MILLISECOND < DAY_MILLISECONDS


def _turned(value: Scalar) -> Scalar:
    """Return a value that is the smaller the greater `value` is."""
    if not isinstance(value, str):
        return -value
    # What begins another text comes before it, and so its counterpart has to come after.
    return value.translate(_COUNTERPARTS) + chr(_HIGHEST)


def _counterpart(code: int) -> int:
    place = code if code < _SURROGATES.start else code - len(_SURROGATES)
    turned = _HIGHEST - len(_SURROGATES) - place
    return turned if turned < _SURROGATES.start else turned + len(_SURROGATES)


class _Counterparts(dict[int, int]):
    """The counterpart of every character; those of ASCII are looked up."""

    def __missing__(self, code: int) -> int:
        return _counterpart(code)


_COUNTERPARTS = _Counterparts({code: _counterpart(code) for code in range(128)})


def _text(value: object) -> str | None:
    return value[:MAX_SORTED_TEXT] if isinstance(value, str) and value else None


def _reference(entry: Mapping[str, Any]) -> str | None:
    if "i" in entry:
        return _text(f"{entry['t']}/{entry['i']}")
    return _text(entry.get("u"))


_VALUES: Mapping[str, Value] = {
    "token": lambda entry: _text(entry.get("c")),
    "string": lambda entry: _text(entry.get("v")),
    "reference": _reference,
    "uri": lambda entry: _text(entry.get("v")),
    "date": lambda entry: milliseconds(entry["lo"]) if "lo" in entry else None,
    "quantity": lambda entry: entry.get("v"),
}
