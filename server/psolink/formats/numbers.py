"""Numbers as the formats write them: integers as int, decimals with all their digits.

https://hl7.org/fhir/R4/datatypes.html#decimal
"""

import re
from decimal import Decimal, InvalidOperation

MAX_DIGITS = 34
"""Significant digits that the store keeps (IEEE 754 decimal128)."""

_EXPONENTS = range(-6176, 6112)
_INT64 = range(-(2**63), 2**63)


class BadNumber(Exception):
    """A number that cannot be kept as it was written."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text)
        self.text = text
        self.reason = reason


def decimal(text: str) -> Decimal:
    """Return a number that has a point or an exponent."""
    if len(text) < MAX_DIGITS and "e" not in text and "E" not in text:
        return Decimal(text)
    mantissa = re.split("[eE]", text)[0]
    digits = len(mantissa.lstrip("-0.").replace(".", ""))
    if digits > MAX_DIGITS:
        raise BadNumber(text, f"has {digits} significant digits; {MAX_DIGITS} can be kept")
    value = _with_exponent(text)
    if value is None or value.as_tuple().exponent not in _EXPONENTS:
        raise BadNumber(text, "has an exponent that is too large or too small to be kept")
    return value


def _with_exponent(text: str) -> Decimal | None:
    """Return a number, None where its exponent is more than a decimal can have at all."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def integer(text: str) -> int | Decimal:
    """Return a number without point and exponent; Decimal for what is no 64-bit integer."""
    if text == "-0":
        return Decimal(text)
    if len(text) > MAX_DIGITS:
        decimal(text)
    value = int(text)
    return value if value in _INT64 else Decimal(text)
