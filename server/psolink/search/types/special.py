"""https://hl7.org/fhir/R4/search.html#special: `near` of Location.

The index finds what lies in the box around a circle. `psolink.search.near` looks whether it lies in
the circle.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.circles import Circle
from psolink.search.escapes import escape, split, unescape
from psolink.search.numbers import decimal_of
from psolink.search.search_type import Asked, MalformedValue, SearchType, Source, Term, checked
from psolink.units import canonical

DEFAULT_DISTANCE, DEFAULT_UNIT = Decimal(50), "km"

_LATITUDES, _LONGITUDES = 90, 180
_MAX_PARTS = 4
_FORM = (
    "latitude|longitude|distance|unit is expected, such as 42.26|-71.80|10|km: the distance is "
    f"{DEFAULT_DISTANCE} km without one, and the unit a code of UCUM for a length"
)


def position(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a position of two numbers."""
    latitude = decimal_of(node.content.get("latitude"))
    longitude = decimal_of(node.content.get("longitude"))
    if latitude is not None and longitude is not None:
        yield {"v": latitude, "lon": longitude}


def parse(value: str, _asked: Asked) -> Term:
    """Return the term of the box around a circle."""
    circle = circle_of(value)
    south, north = circle.latitudes
    spans = [{"lon": {"$gte": west, "$lte": east}} for west, east in circle.longitudes]
    condition = {"v": {"$gte": south, "$lte": north}, "$or": spans}
    text = "|".join(escape(unescape(part)) for part in split(value, "|"))
    return Term(text, condition)


def circle_of(value: str) -> Circle:
    """Return the circle that a value stands for."""
    parts = [unescape(part) for part in split(checked(value), "|")]
    latitude, longitude, distance, unit, *more = [*parts, *[""] * (_MAX_PARTS - len(parts))]
    metres = canonical(_number(distance or str(DEFAULT_DISTANCE)), unit or DEFAULT_UNIT)
    if more or metres is None or metres[1] != "m" or metres[0] < 0:
        raise MalformedValue(_FORM)
    place = _number(latitude), _number(longitude)
    if abs(place[0]) > _LATITUDES or abs(place[1]) > _LONGITUDES:
        raise MalformedValue(f"there is no such place; {_FORM}")
    return Circle(float(place[0]), float(place[1]), float(metres[0]))


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise MalformedValue(_FORM)
    return found


NEAR = SearchType(array="quantity", index={"Location.position": position}, parse=parse)
