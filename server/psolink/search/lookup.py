"""What criteria ask of stored resources while they are read: chains and reverse chains do.

Whoever answers sees the store through the eyes of the principal that searches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from psolink.errors import TooCostly
from psolink.fhir_json import JsonObject
from psolink.search.criterion import Criterion
from psolink.search.registry import SearchParameter, SearchParameters
from psolink.search.search_type import Asked

MAX_FOUND = 10_000
"""The most resources that one link of a chain may lead through."""

Reference = tuple[str, str]
"""A resource type and a logical id."""


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that a link of a chain leads through, and who holds it."""

    type: str
    id: str
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Referred:
    """A reference that a resource has, and the organization that wrote it there."""

    type: str
    id: str
    tenant: str


class Lookup(Protocol):
    """Finds resources for a link of a chain."""

    def matches(
        self, resource_types: Sequence[str], query: JsonObject, *, limit: int
    ) -> Sequence[Found]:
        """Return resources of the types that match `query`."""
        ...

    def referred(
        self, resource_type: str, query: JsonObject, code: str, *, limit: int
    ) -> Sequence[Referred]:
        """Return what the resources of the type that match `query` refer to by a parameter."""
        ...

    def kept(
        self, resource_type: str, query: JsonObject, array: str, *, limit: int
    ) -> Sequence[tuple[Reference, Sequence[JsonObject]]]:
        """Return the resources of the type that match `query`, with the items of an array."""
        ...

    def may_search(self, resource_type: str) -> bool:
        """Tell whether the principal may search in the type at all."""
        ...

    def content(self, resource_type: str, resource_id: str) -> tuple[JsonObject, str] | None:
        """Return a resource and the organization that wrote it; None where there is none."""
        ...


class Reads(Protocol):
    """Reads criteria within criteria."""

    @property
    def parameters(self) -> SearchParameters:
        """The parameters of all types."""
        ...

    @property
    def asked(self) -> Asked:
        """What reading a value needs to know."""
        ...

    @property
    def lookup(self) -> Lookup:
        """What finds resources."""
        ...

    def read(self, resource_type: str, name: str, value: str) -> Criterion:
        """Return the criterion of a parameter of the type."""
        ...

    def in_filter(self) -> "Reads":
        """Return what reads the comparisons of a filter, whose operators are modifiers to it."""
        ...

    def parameter(self, resource_type: str, name: str) -> SearchParameter:
        """Return the parameter of the type; raise `NotSupported`."""
        ...


Link = TypeVar("Link")


def bounded(found: Sequence[Link], name: str) -> Sequence[Link]:
    """Return what was found; raise `TooCostly` where it is more than is looked through."""
    if len(found) > MAX_FOUND:
        raise TooCostly(
            f"{name[:64]!r} leads through more than {MAX_FOUND} resources: make its value narrower, "
            "for example by an identifier."
        )
    return found
