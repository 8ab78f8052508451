"""http://hl7.org/fhirpath/N1/#math-2."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from psolink.fhirpath.arithmetic import LARGEST, Number, number
from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import ANYTHING, DECIMAL, INTEGER, Function, values
from psolink.fhirpath.nodes import NONE, Amount, Collection, quantity
from psolink.fhirpath.scope import Run
from psolink.fhirpath.values import is_number, kind, plain, single, single_integer

_DIGITS = 20
_MAX_PLACES = 28


def _number_of(run: Run, nodes: Collection, name: str) -> Number | None:
    node = single(nodes, name)
    value = None if node is None else plain(node, run.model)
    if value is None or is_number(value):
        return value
    raise FhirPathError(f"{name}() takes a number, found {kind(value)}")


def _of_number(gives: str, name: str, calculate: Callable[[Number], Number | None]) -> Function:
    """Return a function of one number; what is beyond what a number holds is empty."""

    def apply(run: Run, nodes: Collection) -> Collection:
        value = _number_of(run, nodes, name)
        try:
            return NONE if value is None else number(calculate(value))
        except ArithmeticError:
            return NONE

    return values(gives, apply)


def _of_two(name: str, calculate: Callable[[Number, Number], Number | None]) -> Function:
    def apply(run: Run, nodes: Collection, argument: Collection) -> Collection:
        value, other = _number_of(run, nodes, name), _number_of(run, argument, name)
        try:
            return NONE if value is None or other is None else number(calculate(value, other))
        except ArithmeticError:
            return NONE

    return values(ANYTHING, apply, 1)


def _whole(rounding: str) -> Callable[[Number], Number | None]:
    def calculate(value: Number) -> Number | None:
        if abs(Decimal(value)) > LARGEST + 1:
            return None
        return int(Decimal(value).to_integral_value(rounding))

    return calculate


def _abs(run: Run, nodes: Collection) -> Collection:
    node = single(nodes, "abs")
    value = None if node is None else plain(node, run.model)
    if isinstance(value, Amount):
        return quantity(replace(value, value=abs(value.value)))
    found = _number_of(run, nodes, "abs")
    return NONE if found is None else number(-found if found < 0 else found)


def _round(run: Run, nodes: Collection, *places: Collection) -> Collection:
    value = _number_of(run, nodes, "round")
    wanted = single_integer(places[0], "round") if places else 0
    if value is None or wanted is None:
        return NONE
    if not 0 <= wanted <= _MAX_PLACES:
        raise FhirPathError(f"round() takes 0 to {_MAX_PLACES} places")
    try:
        found = Decimal(value).quantize(Decimal(1).scaleb(-wanted), ROUND_HALF_UP)
    except ArithmeticError:
        return NONE
    return number(found)


def _sqrt(value: Number) -> Number | None:
    return None if value < 0 else Decimal(value).sqrt()


def _ln(value: Number) -> Number | None:
    return None if value <= 0 else Decimal(value).ln()


def _log(value: Number, base: Number) -> Number | None:
    if value <= 0 or base <= 0 or base == 1:
        return None
    found = Decimal(value).ln() / Decimal(base).ln()
    # The quotient of two logarithms is off in its last digits, even where the answer is whole.
    return round(found, _DIGITS).normalize() + 0


def _power(value: Number, exponent: Number) -> Number | None:
    if value < 0 and Decimal(exponent) % 1 != 0:
        return None
    if value == 0 and exponent < 0:
        return None
    found: Decimal = Decimal(value) ** Decimal(exponent)
    is_whole = isinstance(value, int) and isinstance(exponent, int) and exponent >= 0
    if not is_whole:
        return found
    return int(found) if abs(found) <= LARGEST + 1 else None


FUNCTIONS: Mapping[str, Function] = {
    "abs": values(ANYTHING, _abs),
    "ceiling": _of_number(INTEGER, "ceiling", _whole(ROUND_CEILING)),
    "floor": _of_number(INTEGER, "floor", _whole(ROUND_FLOOR)),
    "truncate": _of_number(INTEGER, "truncate", _whole(ROUND_DOWN)),
    "round": values(DECIMAL, _round, 0, 1),
    "sqrt": _of_number(DECIMAL, "sqrt", _sqrt),
    "exp": _of_number(DECIMAL, "exp", lambda value: Decimal(value).exp()),
    "ln": _of_number(DECIMAL, "ln", _ln),
    "log": _of_two("log", _log),
    "power": _of_two("power", _power),
}
