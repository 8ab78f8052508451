"""Values against fixed[x], pattern[x], minValue[x] and maxValue[x].

https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

_NUMBERS = (int, float, Decimal)


def equals(value: Any, fixed: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell whether a value is exactly the fixed one; true is not 1."""
    if isinstance(value, dict) and isinstance(fixed, dict):
        return value.keys() == fixed.keys() and all(equals(value[k], fixed[k]) for k in fixed)
    if isinstance(value, list) and isinstance(fixed, list):
        return len(value) == len(fixed) and all(map(equals, value, fixed))
    return isinstance(value, bool) == isinstance(fixed, bool) and bool(value == fixed)


def matches(value: Any, pattern: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell whether a value has at least all that the pattern has."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            name in value and matches(value[name], each) for name, each in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(matches(item, each) for item in value) for each in pattern
        )
    return equals(value, pattern)


def order(value: Any, limit: Any) -> int | None:  # noqa: ANN401 - any JSON value
    """Return -1, 0 or 1 as the value is below, at or above the limit; None without an order."""
    if isinstance(value, Mapping) and isinstance(limit, Mapping):
        same = all(value.get(name) == limit.get(name) for name in ("system", "code"))
        return order(value.get("value"), limit.get("value")) if same else None
    if isinstance(value, _NUMBERS) and isinstance(limit, _NUMBERS):
        return (value > limit) - (value < limit)
    if isinstance(value, str) and isinstance(limit, str):
        return _order_of_times(value, limit)
    return None


def _order_of_times(value: str, limit: str) -> int | None:
    if "T" in value and "T" in limit:
        ours, theirs = datetime.fromisoformat(value), datetime.fromisoformat(limit)
        if (ours.tzinfo is None) == (theirs.tzinfo is None):
            return (ours > theirs) - (ours < theirs)
    length = min(len(value), len(limit), len("2026-01-01"))
    ours_cut, theirs_cut = value[:length], limit[:length]
    if ours_cut == theirs_cut:
        return 0 if value == limit else None
    return 1 if ours_cut > theirs_cut else -1
