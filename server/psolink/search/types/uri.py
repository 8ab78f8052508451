"""https://hl7.org/fhir/R4/search.html#uri: the whole URI has to match, as it is written.

`:below` and `:above` go by the segments of its path.
"""

import re
from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import escape, unescape
from psolink.search.search_type import (
    Asked,
    MalformedValue,
    Modifier,
    SearchType,
    Source,
    Term,
    checked,
    clipped,
)
from psolink.search.texts import beginning_with, literal

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/]", re.ASCII)
_MAX_SEGMENTS = 50


def uri(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a URI; a canonical with a version also without it."""
    if isinstance(node.value, str) and node.value:
        yield {"v": clipped(node.value)}
        if "|" in node.value:
            yield {"v": clipped(node.value.partition("|")[0])}


def parse(value: str, _asked: Asked) -> Term:
    """Return the term of a URI."""
    # A canonical has a bar before its version, which clients leave unescaped.
    text = checked(unescape(value))
    return Term(escape(text), {"v": text})


def parse_below(value: str, _asked: Asked) -> Term:
    """Return the term of a URL and those whose path begins with its segments."""
    text = _hierarchical(value)
    start = text.rstrip("/")
    below = [{"v": start}, {"v": beginning_with(f"{start}/")}]
    # The first condition follows from the other; it gives the index a bound.
    return Term(escape(text), {"v": beginning_with(start), "$or": below})


def parse_above(value: str, _asked: Asked) -> Term:
    """Return the term of a URL and those whose segments its path begins with."""
    text = _hierarchical(value)
    scheme, _, rest = text.partition("://")
    segments = rest.rstrip("/").split("/")
    if len(segments) > _MAX_SEGMENTS:
        raise MalformedValue(f"a URL of at most {_MAX_SEGMENTS} segments is expected")
    urls = ["/".join(segments[: count + 1]) for count in range(len(segments))]
    above = [f"{scheme}://{url}{end}" for url in urls for end in ("", "/")]
    return Term(escape(text), {"v": {"$in": above}})


def parse_beginning(value: str, _asked: Asked) -> Term:
    """Return the term of what begins with the value, wherever in a segment it ends."""
    text = checked(unescape(value))
    return Term(escape(text), {"v": beginning_with(text)})


def parse_inside(value: str, _asked: Asked) -> Term:
    """Return the term of what has the value anywhere."""
    text = checked(unescape(value))
    return Term(escape(text), {"v": {"$regex": literal(text)}})


def parse_ending(value: str, _asked: Asked) -> Term:
    """Return the term of what ends with the value."""
    text = checked(unescape(value))
    return Term(escape(text), {"v": {"$regex": f"{literal(text)}$"}})


def _hierarchical(value: str) -> str:
    text = checked(unescape(value))
    if not _URL.match(text):
        raise MalformedValue("a URL such as http://example.org/a is expected: a urn has no path")
    return text


URI = SearchType(
    array="uri",
    index={"uri": uri},
    parse=parse,
    modifiers={"below": Modifier(parse_below), "above": Modifier(parse_above)},
    operators={
        "sw": Modifier(parse_beginning),
        "co": Modifier(parse_inside),
        "ew": Modifier(parse_ending),
    },
)
