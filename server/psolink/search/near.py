"""`near`: which of the places in a box lie in its circle.

https://hl7.org/fhir/R4/location.html#positional
"""

from dataclasses import replace

from psolink.search.criterion import Criterion
from psolink.search.escapes import split
from psolink.search.lookup import MAX_FOUND, Reads, bounded
from psolink.search.types.special import circle_of


def read_near(reader: Reads, resource_type: str, found: Criterion) -> Criterion:
    """Return the criterion of circles for one of the boxes around them."""
    circles = [circle_of(each) for each in split(found.value, ",")]
    query = {"type": resource_type} | found.condition
    places = reader.lookup.kept(resource_type, query, "quantity", limit=MAX_FOUND + 1)
    bounded([reference for reference, _ in places], found.name)
    ids = {
        resource_id
        for (_, resource_id), items in places
        for item in items
        for circle in circles
        if item["p"] == found.name and "lon" in item
        if circle.holds(float(item["v"]), float(item["lon"]))
    }
    return replace(found, condition={"id": {"$in": sorted(ids)}})
