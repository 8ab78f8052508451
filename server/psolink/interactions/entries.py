"""The entries of a batch or transaction, read into plain values.

https://hl7.org/fhir/R4/bundle.html#request
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from psolink.errors import FhirError, InvalidRequest, NotImplementedHere
from psolink.fhir_json import JsonObject

_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
METHODS = ("DELETE", "POST", "PUT", "GET")
_WITH_BODY = ("POST", "PUT")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a Bundle. `at` is its FHIRPath, `path` the segments of its URL."""

    at: str
    method: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    full_url: str
    resource: JsonObject | None
    if_match: int | None
    if_none_exist: tuple[tuple[str, str], ...] | None

    @property
    def resource_type(self) -> str:
        """The type that the URL names."""
        return self.path[0]

    @property
    def body(self) -> JsonObject:
        """The resource of a request that has one."""
        if self.resource is None:
            raise InvalidRequest(
                f"{self.method} needs a resource in the entry.", f"{self.at}.resource"
            )
        return self.resource


def read_entries(bundle: JsonObject) -> Iterator[Entry | FhirError]:
    """Return each entry, or why it cannot be read."""
    for index, entry in enumerate(bundle.get("entry", ())):
        try:
            yield _entry(entry, f"Bundle.entry[{index}]")
        except FhirError as error:
            yield error


def etag_version(value: str, at: str) -> int:
    """Return the version that a weak ETag such as `W/"3"` names."""
    found = _ETAG.fullmatch(value.strip())
    if not found:
        raise InvalidRequest(f'A version is expected like W/"3"; found {value[:40]!r}.', at)
    return int(found[1])


def _entry(entry: JsonObject, at: str) -> Entry:
    resource = entry.get("resource")
    if resource is not None and not isinstance(resource, dict):
        raise InvalidRequest(
            "A resource is expected: an object with resourceType.", f"{at}.resource"
        )
    request = entry.get("request")
    if request is None:
        raise InvalidRequest("Each entry needs a request with method and url.", f"{at}.request")
    method, url = request["method"], request["url"]
    if method not in METHODS:
        raise NotImplementedHere(f"{method} is not supported in a Bundle.", f"{at}.request.method")
    path, query = _split(url, at)
    read = Entry(
        at=at,
        method=method,
        path=path,
        query=query,
        full_url=entry.get("fullUrl", ""),
        resource=resource,
        if_match=etag_version(request["ifMatch"], f"{at}.request.ifMatch")
        if "ifMatch" in request
        else None,
        if_none_exist=_criteria(request["ifNoneExist"]) if "ifNoneExist" in request else None,
    )
    _check_shape(read)
    return read


def _check_shape(entry: Entry) -> None:
    at = f"{entry.at}.request.url"
    if entry.method == "POST" and (len(entry.path) != len(("Type",)) or entry.query):
        raise NotImplementedHere("POST in a Bundle creates: its url is a resource type.", at)
    if entry.method in ("PUT", "DELETE") and (
        len(entry.path) != len(("Type", "id")) or entry.query
    ):
        raise NotImplementedHere(
            f"{entry.method} in a Bundle needs the url Type/id; a condition is not supported yet.",
            at,
        )
    if entry.method in _WITH_BODY and entry.body.get("resourceType") != entry.resource_type:
        raise InvalidRequest(
            f"The url is for {entry.resource_type}, and the resource is {entry.body.get('resourceType')!r}.",
            at,
        )


def _split(url: str, at: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    path, _, query = url.partition("?")
    segments = tuple(path.strip("/").split("/"))
    if "://" in path or not segments[0]:
        raise InvalidRequest(
            f"A url relative to the server's base is expected, like Patient/1; found {url[:80]!r}.",
            f"{at}.request.url",
        )
    return segments, _criteria(query)


def _criteria(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text.lstrip("?"), keep_blank_values=True))
