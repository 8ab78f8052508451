"""`designation`: whether a resource is patient safety work product, by the label that says so.

It is one of the labels that `_security` finds, and is found among them.
"""

from psolink.fhir_json import CANONICAL
from psolink.search.escapes import escape, split, unescape
from psolink.search.search_type import Asked, MalformedValue, Modifier, SearchType, Term, checked

SYSTEM = f"{CANONICAL}/CodeSystem/pswp-designation"


def parse(value: str, _asked: Asked) -> Term:
    """Return the term of a designation, with or without its code system."""
    *systems, code = [checked(unescape(part)) for part in split(value, "|")]
    if systems not in ([], [SYSTEM]):
        raise MalformedValue(f"a code of {SYSTEM} is expected, such as pswp-pending")
    return Term(escape(code), {"c": code})


DESIGNATION = SearchType(
    array="token",
    index={},
    parse=parse,
    modifiers={"not": Modifier(parse, negates=True)},
    among={"p": "_security", "s": SYSTEM},
)
