"""https://hl7.org/fhir/R4/search.html#uri: the whole URI has to match, as it is written."""

from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import escape, unescape
from psolink.search.search_type import Asked, SearchType, Source, Term, checked, clipped


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


URI = SearchType(array="uri", index={"uri": uri}, parse=parse)
