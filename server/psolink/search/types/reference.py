"""https://hl7.org/fhir/R4/search.html#reference."""

import re
from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node
from psolink.search.escapes import escape, unescape
from psolink.search.search_type import (
    Asked,
    MalformedValue,
    SearchType,
    Source,
    Term,
    checked,
    clipped,
)

_LOCAL = re.compile(
    r"(?P<type>[A-Za-z]{1,64})/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?P<version>/_history/[A-Za-z0-9\-.]{1,64})?",
    re.ASCII,
)
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.", re.ASCII)
_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}$", re.ASCII)
_FORMS = "an id, Type/id, an absolute URL or a urn"


def _literal(text: object, source: Source) -> Iterator[JsonObject]:
    """Yield what a literal reference points at; a version of it counts as the resource itself."""
    if not isinstance(text, str) or not text or text.startswith("#"):
        return
    match = _LOCAL.fullmatch(_without_base(text, source.base_url))
    if match and match["type"] in source.resource_types:
        yield {"t": match["type"], "i": match["id"]}
    else:
        yield {"u": clipped(_VERSION.sub("", text))}


def reference(node: Node, source: Source) -> Iterator[JsonObject]:
    """Yield the literal reference, and the identifier beside it."""
    yield from _literal(node.content.get("reference"), source)
    identifier = node.content.get("identifier")
    if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
        yield {"s": clipped(str(identifier.get("system", ""))), "c": clipped(identifier["value"])}


def canonical(node: Node, source: Source) -> Iterator[JsonObject]:
    """Yield a canonical or other URL as it is, and without its version."""
    if isinstance(node.value, str):
        url = node.value.partition("#")[0]
        yield from _literal(url, source)
        if "|" in url:
            yield from _literal(url.partition("|")[0], source)


def attachment(node: Node, source: Source) -> Iterator[JsonObject]:
    """Yield the URL of an Attachment."""
    return _literal(node.content.get("url"), source)


def resource(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield a resource that lies where a reference could be."""
    logical_id = node.content.get("id")
    if isinstance(logical_id, str):
        yield {"t": node.type, "i": logical_id}


def parse(value: str, asked: Asked) -> Term:
    """Return the term of an id, `Type/id`, an absolute URL or a urn."""
    text = _without_base(checked(unescape(value)), asked.base_url)
    if _ABSOLUTE.match(text):
        return Term(escape(text), {"u": text})
    if _ID.fullmatch(text):
        return Term(text, {"i": text} | _of_types(asked.targets))
    match = _LOCAL.fullmatch(text)
    if match is None:
        raise MalformedValue(f"{_FORMS} is expected")
    if match["version"]:
        raise MalformedValue("a reference to a version is not searched; leave out /_history")
    _check_type(match["type"], asked)
    return Term(text, {"i": match["id"], "t": match["type"]})


def _of_types(targets: tuple[str, ...]) -> JsonObject:
    if not targets:
        return {}
    return {"t": targets[0] if len(targets) == 1 else {"$in": list(targets)}}


def _check_type(name: str, asked: Asked) -> None:
    if name not in asked.resource_types:
        raise MalformedValue(f"{name} is not a resource type of R4; {_FORMS} is expected")
    if asked.targets and name not in asked.targets:
        raise MalformedValue(f"a reference to {' or '.join(asked.targets)} is expected")


def _without_base(text: str, base_url: str) -> str:
    """Return a URL of this server as the local reference that it is; anything else as it is."""
    base = f"{base_url.rstrip('/')}/"
    rest = text.removeprefix(base)
    return rest if base_url and _LOCAL.fullmatch(rest) else text


REFERENCE = SearchType(
    array="reference",
    index={
        "Reference": reference,
        "uri": canonical,
        "Attachment": attachment,
        "Resource": resource,
    },
    parse=parse,
)
