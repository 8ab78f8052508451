"""The modifiers of tokens that ask a terminology: `:in`, `:not-in`, `:below` and `:above`.

https://hl7.org/fhir/R4/search.html#token
"""

from psolink.errors import ResourceNotFound, TooCostly
from psolink.fhir_json import JsonObject
from psolink.search.escapes import escape, split, unescape
from psolink.search.search_type import Asked, MalformedValue, Term, checked

MAX_CODES = 1000
"""The most codes that one value may stand for."""


def parse_in(value: str, asked: Asked) -> Term:
    """Return the term of the codes of a value set, by its URL or as `ValueSet/id`."""
    name = checked(unescape(value))
    try:
        found = asked.code_sets.codes(name)
    except ResourceNotFound as error:
        raise MalformedValue(
            f"a value set that is held here is expected, by URL or as ValueSet/id: {error}"
        ) from error
    _require_few(sum(map(len, found.values())), name)
    codes = [_of_system(system, some) for system, some in sorted(found.items()) if some]
    if len(codes) == 1:
        return Term(escape(name), codes[0])
    # The first condition follows from the other; it gives the index a bound.
    listed = {"c": {"$in": sorted(frozenset[str]().union(*found.values()))}}
    return Term(escape(name), listed | ({"$or": codes} if codes else {}))


def parse_below(value: str, asked: Asked) -> Term:
    """Return the term of a code and those that it subsumes."""
    system, code, text = _coding(value)
    return _related(text, system, asked.code_sets.below(system, code))


def parse_above(value: str, asked: Asked) -> Term:
    """Return the term of a code and those that subsume it."""
    system, code, text = _coding(value)
    return _related(text, system, asked.code_sets.above(system, code))


def _coding(value: str) -> tuple[str, str, str]:
    match [checked(unescape(part)) for part in split(value, "|")]:
        case [system, code]:
            return system, code, f"{escape(system)}|{escape(code)}"
        case _:
            raise MalformedValue(
                "system|code is expected: a code alone does not say what is above or below it"
            )


def _related(text: str, system: str, codes: frozenset[str] | None) -> Term:
    if codes is None:
        raise MalformedValue(
            f"what is above and below {text} is not known here: the code system is not held, is "
            "not hierarchical or has no such code"
        )
    _require_few(len(codes), text)
    return Term(text, _of_system(system, codes))


def _require_few(number: int, name: str) -> None:
    if number > MAX_CODES:
        raise TooCostly(f"{name} stands for {number} codes; at most {MAX_CODES} are searched by.")


def _of_system(system: str, codes: frozenset[str]) -> JsonObject:
    return {"s": system, "c": {"$in": sorted(codes)}}
