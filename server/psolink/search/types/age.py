"""`age` of Patient: completed years by the date of birth and today; who has died has no age.

http://hl7.org/fhir/SearchParameter/patient-extensions-Patient-age
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from psolink.fhir_json import JsonObject
from psolink.search.escapes import unescape
from psolink.search.intervals import EARLIEST
from psolink.search.numbers import parse_prefixed
from psolink.search.search_type import Asked, MalformedValue, SearchType, Term, checked

MAX_AGE = 200

Born = Callable[[int], datetime]
"""Returns the latest day on which somebody was born who is so old today."""


def parse(value: str, asked: Asked) -> Term:
    """Return the term of an age in completed years."""
    prefix, text, number = parse_prefixed(checked(unescape(value)))
    years = int(number.value)
    if years != number.value or not 0 <= years <= MAX_AGE:
        raise MalformedValue(f"an age of whole years from 0 to {MAX_AGE} is expected")
    today = asked.clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    born = _COMPARISONS[prefix](lambda age: _years_before(today, age), years)
    died = {"$elemMatch": {"p": "deceased", "c": "true"}}
    return Term(text, {"date": {"$elemMatch": {"p": "birthdate"} | born}, "token": {"$not": died}})


def _years_before(today: datetime, years: int) -> datetime:
    if years >= today.year:
        return EARLIEST
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        # Who was born on 29 February grows older on 1 March of a year without one.
        return today.replace(year=today.year - years, day=28)


def _equal(born: Born, age: int) -> JsonObject:
    return {"lo": {"$lte": born(age), "$gt": born(age + 1)}}


def _not_equal(born: Born, age: int) -> JsonObject:
    return {"$or": [{"lo": {"$gt": born(age)}}, {"lo": {"$lte": born(age + 1)}}]}


def _older(born: Born, age: int) -> JsonObject:
    return {"lo": {"$lte": born(age + 1)}}


def _younger(born: Born, age: int) -> JsonObject:
    return {"lo": {"$gt": born(age)}}


def _approximately(born: Born, age: int) -> JsonObject:
    by = age // 10
    return {"lo": {"$lte": born(age - by), "$gt": born(age + by + 1)}}


_COMPARISONS: Mapping[str, Callable[[Born, int], JsonObject]] = {
    "eq": _equal,
    "ne": _not_equal,
    "gt": _older,
    "lt": _younger,
    "ge": lambda born, age: {"lo": {"$lte": born(age)}},
    "le": lambda born, age: {"lo": {"$gt": born(age + 1)}},
    "sa": _older,
    "eb": _younger,
    "ap": _approximately,
}

AGE = SearchType(array=None, index={}, parse=parse, among={"p": "birthdate"})
