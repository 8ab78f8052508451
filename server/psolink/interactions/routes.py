"""Every interaction by method and URL: what the CapabilityStatement and the OpenAPI description say.

https://hl7.org/fhir/R4/http.html#summary

A test compares the table with the routes that the web framework has.
"""

from dataclasses import dataclass
from enum import StrEnum

SYSTEM, TYPE, INSTANCE = "system", "type", "instance"


class Takes(StrEnum):
    """What a request has as its body."""

    NOTHING = "nothing"
    RESOURCE = "resource"
    BUNDLE = "bundle"
    PATCH = "patch"
    FORM = "form"
    PARAMETERS = "parameters"


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one URL. `answers` are the statuses that it has beyond those of every route.

    `interactions` are its codes in https://hl7.org/fhir/R4/valueset-type-restful-interaction.html
    and https://hl7.org/fhir/R4/valueset-system-restful-interaction.html; `headers` are the names of
    those that change what it does.
    """

    method: str
    path: str
    title: str
    answers: tuple[int, ...]
    interactions: tuple[str, ...] = ()
    takes: Takes = Takes.NOTHING
    headers: tuple[str, ...] = ()
    has_criteria: bool = False

    @property
    def level(self) -> str:
        """What it is called on."""
        if "{id}" in self.path:
            return INSTANCE
        return TYPE if "{type}" in self.path else SYSTEM


_CONDITION = ("If-Match", "If-None-Match")
_KNOWN = ("If-None-Match", "If-Modified-Since")
_READ = (200, 304, 404, 410)
_SENT = (404, 413, 415, 422)
_WRITTEN = (*_SENT, 409, 412)

ROUTES = (
    Route(
        "POST",
        "",
        "Perform a batch or a transaction",
        (200, 202, *_WRITTEN),
        ("batch", "transaction"),
        Takes.BUNDLE,
        headers=("Prefer",),
    ),
    Route(
        "GET",
        "",
        "Search in several types",
        (200, 404, 422),
        ("search-system",),
        headers=("Prefer",),
        has_criteria=True,
    ),
    Route(
        "POST",
        "/_search",
        "Search in several types with a form",
        (200, *_SENT),
        ("search-system",),
        Takes.FORM,
        headers=("Prefer",),
        has_criteria=True,
    ),
    Route("GET", "/_jobs/{job}", "Ask how an asynchronous request goes", (200, 202, 404)),
    Route("DELETE", "/_jobs/{job}", "End an asynchronous request", (202, 404)),
    Route(
        "GET",
        "/{type}",
        "Search in a type",
        (200, 404, 422),
        ("search-type",),
        headers=("Prefer",),
        has_criteria=True,
    ),
    Route(
        "POST",
        "/{type}/_search",
        "Search in a type with a form",
        (200, *_SENT),
        ("search-type",),
        Takes.FORM,
        headers=("Prefer",),
        has_criteria=True,
    ),
    Route(
        "POST",
        "/{type}",
        "Create a resource",
        (200, 201, *_WRITTEN),
        ("create",),
        Takes.RESOURCE,
        headers=("If-None-Exist", "Prefer"),
        has_criteria=True,
    ),
    Route(
        "PUT",
        "/{type}",
        "Update the one resource that matches criteria",
        (200, 201, 405, 410, *_WRITTEN),
        ("update",),
        Takes.RESOURCE,
        headers=(*_CONDITION, "Prefer"),
        has_criteria=True,
    ),
    Route(
        "PATCH",
        "/{type}",
        "Patch the one resource that matches criteria",
        (200, 410, *_WRITTEN),
        ("patch",),
        Takes.PATCH,
        headers=(*_CONDITION, "Prefer"),
        has_criteria=True,
    ),
    Route(
        "DELETE",
        "/{type}",
        "Delete what matches criteria",
        (200, 204, 404, 405, 409, 412, 422),
        ("delete",),
        headers=(*_CONDITION, "Prefer"),
        has_criteria=True,
    ),
    Route("GET", "/{type}/{id}", "Read a resource", _READ, ("read",), headers=(*_KNOWN,)),
    Route(
        "PUT",
        "/{type}/{id}",
        "Update a resource, or create it under its id",
        (200, 201, 405, *_WRITTEN),
        ("update",),
        Takes.RESOURCE,
        headers=(*_CONDITION, "Prefer"),
    ),
    Route(
        "PATCH",
        "/{type}/{id}",
        "Patch a resource",
        (200, 410, *_WRITTEN),
        ("patch",),
        Takes.PATCH,
        headers=(*_CONDITION, "Prefer"),
    ),
    Route(
        "DELETE",
        "/{type}/{id}",
        "Delete a resource",
        (200, 204, 404, 409, 412),
        ("delete",),
        headers=(*_CONDITION, "Prefer"),
    ),
    Route(
        "GET",
        "/{type}/{id}/{member}",
        "Search in the compartment of a resource",
        (200, 404, 422),
        headers=("Prefer",),
        has_criteria=True,
    ),
    Route(
        "POST",
        "/{type}/{id}/{member}/_search",
        "Search in the compartment of a resource with a form",
        (200, *_SENT),
        (),
        Takes.FORM,
        headers=("Prefer",),
        has_criteria=True,
    ),
    Route(
        "GET",
        "/{type}/{id}/_history",
        "List the versions of a resource",
        (200, 404, 410, 422),
        ("history-instance",),
        headers=("Prefer",),
    ),
    Route(
        "GET",
        "/{type}/_history",
        "List the versions of all resources of a type",
        (200, 404, 422),
        ("history-type",),
        headers=("Prefer",),
    ),
    Route(
        "GET",
        "/_history",
        "List the versions of all resources",
        (200, 422),
        ("history-system",),
        headers=("Prefer",),
    ),
    Route(
        "GET",
        "/{type}/{id}/_history/{version}",
        "Read a version of a resource",
        _READ,
        ("vread",),
        headers=_KNOWN,
    ),
)


def interactions(*levels: str) -> list[str]:
    """Return the codes of what there is at these levels, each once, in the order of the table."""
    return list(
        dict.fromkeys(code for each in ROUTES if each.level in levels for code in each.interactions)
    )
