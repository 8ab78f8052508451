import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psolink.errors import InvalidRequest, TooCostly
from psolink.search import lookup
from psolink.search.circles import EARTH_METRES, Circle


def location(latitude: object, longitude: object) -> dict[str, object]:
    position = {"latitude": latitude, "longitude": longitude}
    return {"resourceType": "Location", "position": position}


WORCESTER = location(Decimal("42.256500"), Decimal("-71.80"))
# One degree of latitude is 111.195 km.
FOUND = [
    (WORCESTER, "42.2565|-71.80", True),
    (WORCESTER, "42.25|-71.81|11.20|km", True),
    (WORCESTER, "42.25|-71.81|100|m", False),
    (WORCESTER, "42.25|-71.81|1|[mi_i]", True),
    (WORCESTER, "42.25|-71.81|0.5|[mi_i]", False),
    (WORCESTER, "42.25|-71.81|2", True),
    (WORCESTER, "42.25|-71.81||m", False),
    (WORCESTER, "43.2565|-71.80|111.2|km", True),
    (WORCESTER, "43.2565|-71.80|111.1|km", False),
    (WORCESTER, "0|0,42|-72|100", True),
    (location(0, 0), "1|1|157.3|km", True),
    pytest.param(location(0, 0), "1|1|157.2|km", False, id="in the box but not in the circle"),
    pytest.param(location(0, 180), "0|-179.9|12|km", True, id="over the 180th meridian"),
    pytest.param(location(0, Decimal("-179.95")), "0|179.95|12|km", True, id="and back"),
    pytest.param(location(0, 179), "0|-179.9|12|km", False, id="not so far"),
    pytest.param(location(Decimal("89.9"), 170), "89.9|-10|23|km", True, id="over the pole"),
    pytest.param(location(Decimal("89.9"), 170), "89.9|-10|22|km", False, id="not so far over it"),
    pytest.param(location(-90, 0), "-89.99|120|2|km", True, id="the south pole"),
    pytest.param(location(10, 10), "-10|-170|20100|km", True, id="the whole globe"),
    pytest.param({"resourceType": "Location"}, "0|0|20100|km", False, id="no position"),
]


@pytest.mark.parametrize(("resource", "value", "expected"), FOUND)
def test_a_place_is_near_within_its_distance(finds, resource, value, expected):
    assert finds(resource, "near", value) is expected


def test_a_location_may_lack_a_position(finds):
    assert finds({"resourceType": "Location"}, "near:missing", "true")
    assert finds(WORCESTER, "near:missing", "false")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "42.25",
        "42.25|x",
        "|1",
        "91|0",
        "0|181",
        "0|0|-1|km",
        "0|0|x|km",
        "0|0|1|kg",
        "0|0|1|miles",
        "0|0|1|km|more",
        "NaN|0",
        "0|0|1|km,",
    ],
)
def test_what_is_no_place_is_refused_with_what_is_expected(parse, value):
    with pytest.raises(InvalidRequest) as failure:
        parse("Location", ("near", value))
    assert "near" in failure.value.issues[0].diagnostics


def test_more_places_than_are_measured_are_too_costly(parse):
    class Everywhere:
        def kept(self, resource_type, query, array, *, limit):
            assert limit == lookup.MAX_FOUND + 1
            return [(("Location", str(number)), ()) for number in range(limit)]

    with pytest.raises(TooCostly):
        parse("Location", ("near", "0|0|20100|km"), lookup=Everywhere())


LATITUDES = st.floats(min_value=-90, max_value=90)
LONGITUDES = st.floats(min_value=-180, max_value=180)


@settings(max_examples=300)
@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES, st.floats(min_value=1, max_value=3e7))
def test_the_box_holds_all_of_the_circle(latitude, longitude, other, across, metres):
    circle = Circle(latitude, longitude, metres)
    south, north = circle.latitudes
    in_box = south <= other <= north and any(w <= across <= e for w, e in circle.longitudes)
    assert in_box or not circle.holds(other, across)


@settings(max_examples=300)
@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_the_angle_between_the_places(latitude, longitude, other, across):
    angle = math.acos(max(-1.0, min(1.0, _cosine(latitude, longitude, other, across))))
    metres = angle * EARTH_METRES
    assert Circle(latitude, longitude, metres + 1000).holds(other, across)
    if metres > 1000:
        assert not Circle(latitude, longitude, metres - 1000).holds(other, across)


def _cosine(*degrees: float) -> float:
    one, east, other, west = map(math.radians, degrees)
    across = math.cos(east - west)
    return math.sin(one) * math.sin(other) + math.cos(one) * math.cos(other) * across
