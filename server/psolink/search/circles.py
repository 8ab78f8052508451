"""Circles on the globe, and the boxes of latitudes and longitudes around them.

https://hl7.org/fhir/R4/location.html#positional
"""

import math
from dataclasses import dataclass

EARTH_METRES = 6_371_008.8
"""The mean radius."""

_POLE, _HALF_TURN = 90.0, 180.0
_MARGIN = 1e-7

Span = tuple[float, float]
"""Degrees, both ends included."""


@dataclass(frozen=True, slots=True)
class Circle:
    """All places within `metres` of a place, which is given in degrees."""

    latitude: float
    longitude: float
    metres: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Tell whether a place is in the circle."""
        return self._distance(latitude, longitude) <= self.metres

    @property
    def latitudes(self) -> Span:
        """The latitudes of the box."""
        reach = math.degrees(self.metres / EARTH_METRES) + _MARGIN
        return self.latitude - reach, self.latitude + reach

    @property
    def longitudes(self) -> tuple[Span, ...]:
        """The longitudes of the box: two spans where it passes the 180th meridian."""
        low, high = self.latitudes
        angle = self.metres / EARTH_METRES
        if low <= -_POLE or high >= _POLE:
            return ((-_HALF_TURN, _HALF_TURN),)
        # The widest place of a circle is nearer to the pole than its centre.
        widest = math.sin(angle) / math.cos(math.radians(self.latitude))
        reach = math.degrees(math.asin(min(1.0, widest))) + _MARGIN
        west, east = self.longitude - reach, self.longitude + reach
        if west < -_HALF_TURN:
            return ((-_HALF_TURN, east), (west + 2 * _HALF_TURN, _HALF_TURN))
        if east > _HALF_TURN:
            return ((west, _HALF_TURN), (-_HALF_TURN, east - 2 * _HALF_TURN))
        return ((west, east),)

    def _distance(self, latitude: float, longitude: float) -> float:
        """Return the metres to a place, by the haversine formula."""
        one, other = math.radians(self.latitude), math.radians(latitude)
        across = math.radians(longitude - self.longitude)
        chord = (
            math.sin((other - one) / 2) ** 2
            + math.cos(one) * math.cos(other) * math.sin(across / 2) ** 2
        )
        return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, chord)))
