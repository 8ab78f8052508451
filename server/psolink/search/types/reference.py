"""https://hl7.org/fhir/R4/search.html#reference.

Kept are the type `t`, the id `i` and the version `v` of what lies on this server, and the URL `u`
of anything else. The identifier of a reference is a token, which `:identifier` finds.
"""

import re
from collections.abc import Iterator

from psolink.fhir_json import LOCAL_REFERENCE, LOGICAL_ID, JsonObject
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
from psolink.search.texts import beginning_with
from psolink.search.types.token import parse as parse_token
from psolink.search.types.token import token

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.", re.ASCII)
_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}$", re.ASCII)
_FORMS = "an id, Type/id, an absolute URL or a urn"


def _literal(text: object, source: Source) -> Iterator[JsonObject]:
    """Yield what a literal reference points at, and the version of it."""
    if not isinstance(text, str) or not text or text.startswith("#"):
        return
    match = LOCAL_REFERENCE.fullmatch(_without_base(text, source.base_url))
    if match and match["type"] in source.resource_types:
        found = {"t": match["type"], "i": match["id"]}
        yield {**found, "v": match["version"]} if match["version"] else found
    else:
        yield {"u": clipped(text)}
        if "/_history/" in text:
            yield {"u": clipped(_VERSION.sub("", text))}


def reference(node: Node, source: Source) -> Iterator[JsonObject]:
    """Yield the literal reference."""
    return _literal(node.content.get("reference"), source)


def identifier(node: Node, _source: Source) -> Iterator[JsonObject]:
    """Yield the token of the identifier of a reference."""
    found = node.content.get("identifier")
    if isinstance(found, dict):
        yield from token(found.get("system"), found.get("value"))


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
    """Return the term of an id, `Type/id`, a version of it, an absolute URL or a urn."""
    text = _without_base(checked(unescape(value)), asked.base_url)
    if _ABSOLUTE.match(text):
        return Term(escape(text), {"u": text})
    if LOGICAL_ID.fullmatch(text):
        return Term(text, {"i": text} | _of_types(asked.targets))
    match = LOCAL_REFERENCE.fullmatch(text)
    if match is None:
        raise MalformedValue(f"{_FORMS} is expected")
    _check_type(match["type"], asked)
    found = {"i": match["id"], "t": match["type"]}
    return Term(text, found | ({"v": match["version"]} if match["version"] else {}))


def of_type(type_name: str) -> Modifier:
    """Return the modifier by which an id is that of a resource of one type."""

    def parse_id(value: str, asked: Asked) -> Term:
        _check_type(type_name, asked)
        text = _without_base(checked(unescape(value)), asked.base_url)
        logical_id = text.removeprefix(f"{type_name}/")
        if not LOGICAL_ID.fullmatch(logical_id):
            raise MalformedValue(f"the id of a {type_name} is expected")
        return Term(logical_id, {"i": logical_id, "t": type_name})

    return Modifier(parse_id)


def parse_below(value: str, _asked: Asked) -> Term:
    """Return the term of a canonical URL in a version, or those that begin with it: `url|1`."""
    text = checked(unescape(value))
    url, _, version = text.partition("|")
    if not _ABSOLUTE.match(url):
        raise MalformedValue(
            "a canonical URL with the beginning of a version is expected, such as "
            "http://example.org/a|1: what is below another resource is not searched"
        )
    if not version:
        return Term(escape(text), {"u": url})
    below = [{"u": text}, {"u": beginning_with(f"{text}.")}]
    # The first condition follows from the other; it gives the index a bound.
    return Term(escape(text), {"u": beginning_with(text), "$or": below})


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
    return rest if base_url and LOCAL_REFERENCE.fullmatch(rest) else text


REFERENCE = SearchType(
    array="reference",
    index={
        "Reference": reference,
        "uri": canonical,
        "Attachment": attachment,
        "Resource": resource,
    },
    parse=parse,
    modifiers={
        "identifier": Modifier(
            parse_token,
            array="token",
            kept_as=":identifier",
            index={"Reference": identifier},
        ),
        "below": Modifier(parse_below),
    },
    of_type=of_type,
)
