"""The entries of a batch or transaction, read into plain values.

https://hl7.org/fhir/R4/bundle.html#request
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from psolink.errors import FhirError, InvalidRequest, NotImplementedHere
from psolink.fhir_json import JsonObject
from psolink.interactions.preconditions import UNCONDITIONAL, Precondition, precondition

METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
READS = ("GET", "HEAD")
_WITH_BODY = ("POST", "PUT", "PATCH")
_PATCHES = ("Binary", "Parameters")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a Bundle, or as in one; `path` are the segments of its URL.

    `at` is its FHIRPath, and `resource_at` that of its resource.
    """

    at: str
    resource_at: str
    method: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    full_url: str
    resource: JsonObject | None
    condition: Precondition = UNCONDITIONAL
    if_modified_since: datetime | None = None
    if_none_exist: tuple[tuple[str, str], ...] | None = None

    @property
    def resource_type(self) -> str:
        """The type that the URL names."""
        return self.path[0]

    @property
    def id(self) -> str | None:
        """The id that the URL names; None where it names a type, or search criteria."""
        return self.path[1] if len(self.path) > 1 else None

    @property
    def is_read(self) -> bool:
        """True for a request that changes nothing."""
        return self.method in READS

    @property
    def body(self) -> JsonObject:
        """The resource of a request that has one."""
        if self.resource is None:
            raise InvalidRequest(f"{self.method} needs a resource in the entry.", self.resource_at)
        return self.resource


def read_entries(bundle: JsonObject) -> Iterator[Entry | FhirError]:
    """Return each entry, or why it cannot be read."""
    for index, entry in enumerate(bundle.get("entry", ())):
        try:
            yield _entry(entry, f"Bundle.entry[{index}]")
        except FhirError as error:
            yield error


def _entry(entry: JsonObject, at: str) -> Entry:
    resource = entry.get("resource")
    if resource is not None and not isinstance(resource, dict):
        raise InvalidRequest(
            "A resource is expected: an object with resourceType.", f"{at}.resource"
        )
    request = entry.get("request")
    if request is None:
        raise InvalidRequest("Each entry needs a request with method and url.", f"{at}.request")
    if request["method"] not in METHODS:
        raise NotImplementedHere(
            f"{request['method']} is not supported in a Bundle.", f"{at}.request.method"
        )
    path, query = _split(request["url"], at)
    read = Entry(
        at=at,
        resource_at=f"{at}.resource",
        method=request["method"],
        path=path,
        query=query,
        full_url=entry.get("fullUrl", ""),
        resource=resource,
        condition=_condition(request, f"{at}.request."),
        if_modified_since=_moment(request.get("ifModifiedSince")),
        if_none_exist=_criteria(request["ifNoneExist"]) if "ifNoneExist" in request else None,
    )
    _check_shape(read)
    return read


def _condition(request: JsonObject, at: str) -> Precondition:
    names = ("ifMatch", "ifNoneMatch")
    return precondition(((name, request.get(name)) for name in names), at)


def _moment(text: str | None) -> datetime | None:
    # The structure of the Bundle was judged before: what is there is an instant.
    return None if text is None else datetime.fromisoformat(text)


def _check_shape(entry: Entry) -> None:
    at = f"{entry.at}.request.url"
    if not entry.is_read:
        refuse_operation(entry)
    if entry.method == "POST" and (len(entry.path) != len(("Type",)) or entry.query):
        raise NotImplementedHere("POST in a Bundle creates: its url is a resource type.", at)
    if entry.method in ("PUT", "PATCH", "DELETE"):
        _check_target(entry, at)
    if entry.method in _WITH_BODY:
        _check_body(entry, at)


def refuse_operation(entry: Entry) -> None:
    """Raise `NotImplementedHere` where the URL is that of an operation."""
    if any(segment.startswith("$") for segment in entry.path):
        raise NotImplementedHere(
            "Operations are not performed in a Bundle; send the request on its own.",
            f"{entry.at}.request.url",
        )


def _check_target(entry: Entry, at: str) -> None:
    names_one = len(entry.path) == len(("Type", "id")) and not entry.query
    names_criteria = len(entry.path) == len(("Type",)) and bool(entry.query)
    if not (names_one or names_criteria):
        raise InvalidRequest(
            f"{entry.method} in a Bundle needs the url Type/id or Type?criteria.", at
        )


def _check_body(entry: Entry, at: str) -> None:
    found = entry.body.get("resourceType")
    if entry.method == "PATCH":
        if found not in _PATCHES:
            raise InvalidRequest(
                "A patch in a Bundle is a Binary (JSON Patch, XML Patch) or Parameters (FHIRPath "
                f"Patch), and this is {found!r}.",
                entry.resource_at,
            )
    elif found != entry.resource_type:
        raise InvalidRequest(
            f"The url is for {entry.resource_type}, and the resource is {found!r}.", at
        )


def _split(url: str, at: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    path, _, query = url.partition("?")
    segments = tuple(path.strip("/").split("/"))
    if "://" in path or not segments[0]:
        raise InvalidRequest(
            "A url relative to the server's base is expected, like Patient/1; "
            f"found {url[:_SHOWN]!r}.",
            f"{at}.request.url",
        )
    return segments, _criteria(query)


def _criteria(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text.lstrip("?"), keep_blank_values=True))
