"""Numbers as criteria give them, and as the index keeps them.

The index keeps a number as `v`. A range is two items, one for each end: the lower one names the
other end as `hi`, the higher one as `lo`. So one index finds what is above and what is below.

https://hl7.org/fhir/R4/search.html#number
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from psolink.fhir_json import JsonObject
from psolink.search.search_type import MalformedValue

_PREFIXED = re.compile(
    r"(?P<prefix>eq|ne|gt|lt|ge|le|sa|eb|ap)?"
    r"(?P<number>[+-]?\d{1,34}(?:\.\d{1,34})?(?:[eE][+-]?\d{1,3})?)",
    re.ASCII,
)
_EXACT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=1, traps=[])
_HALF = Decimal(5)
_TENTH = Decimal("0.1")

LOWEST, HIGHEST = Decimal("-Infinity"), Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class AskedNumber:
    """A number of criteria.

    Its digits stand for the numbers from `low` to below `high`. Those from `least` to `most` are
    approximately the same.
    """

    value: Decimal
    low: Decimal
    high: Decimal
    least: Decimal
    most: Decimal

    @classmethod
    def of(cls, text: str) -> "AskedNumber":
        """Return the number that `text` is written for."""
        value = Decimal(text)
        # In the specification 1e2 stands for 95 to 105: a digit more than is written.
        unwritten = 2 if "e" in text.lower() else 1
        half = _HALF.scaleb(int(value.as_tuple().exponent) - unwritten)
        about = max(half, _EXACT.multiply(abs(value), _TENTH))
        low, high = _EXACT.subtract(value, half), _EXACT.add(value, half)
        return cls(value, low, high, _EXACT.subtract(value, about), _EXACT.add(value, about))


def parse_prefixed(text: str) -> tuple[str, str, AskedNumber]:
    """Return the prefix, the canonical text and the number of a criterion."""
    match = _PREFIXED.fullmatch(text)
    if match is None:
        raise MalformedValue(
            "a number such as 5, 5.40 or 54e-1 is expected, with one of the prefixes "
            f"{' '.join(COMPARISONS)} or none"
        )
    prefix = match["prefix"] or "eq"
    text = match["number"] if prefix == "eq" else f"{prefix}{match['number']}"
    return prefix, text, AskedNumber.of(match["number"])


def decimal_of(value: object) -> Decimal | None:
    """Return a JSON number as the index keeps it; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    found = _EXACT.create_decimal(str(value) if isinstance(value, float) else value)
    return found if found.is_finite() else None


def items(low: Decimal | None, high: Decimal | None) -> Iterator[JsonObject]:
    """Yield the items of a number, or of a range, which may lack one of its ends."""
    if low is None and high is None:
        return
    if low == high:
        yield {"v": low}
    else:
        low, high = LOWEST if low is None else low, HIGHEST if high is None else high
        yield {"v": low, "hi": high}
        yield {"v": high, "lo": low}


def _equal(asked: AskedNumber) -> JsonObject:
    return {
        "v": {"$gte": asked.low, "$lt": asked.high},
        "$or": [{"lo": None, "hi": None}, {"hi": {"$lt": asked.high}}],
    }


def _not_equal(asked: AskedNumber) -> JsonObject:
    return {"$or": [{"v": {"$lt": asked.low}}, {"v": {"$gte": asked.high}}]}


def _approximate(asked: AskedNumber) -> JsonObject:
    within = {"v": {"$gte": asked.least, "$lte": asked.most}}
    return {"$or": [within, {"v": {"$lt": asked.least}, "hi": {"$gt": asked.most}}]}


COMPARISONS: Mapping[str, Callable[[AskedNumber], JsonObject]] = {
    "eq": _equal,
    "ne": _not_equal,
    "gt": lambda asked: {"v": {"$gt": asked.value}},
    "lt": lambda asked: {"v": {"$lt": asked.value}},
    "ge": lambda asked: {"v": {"$gte": asked.value}},
    "le": lambda asked: {"v": {"$lte": asked.value}},
    "sa": lambda asked: {"v": {"$gt": asked.value}, "lo": None},
    "eb": lambda asked: {"v": {"$lt": asked.value}, "hi": None},
    "ap": _approximate,
}
"""https://hl7.org/fhir/R4/search.html#prefix: digits count for eq, ne and ap only."""
