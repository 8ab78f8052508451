"""The collaborators of an interaction, built for one request."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches

from psolink.definitions import Definitions
from psolink.errors import ResourceNotFound, TooCostly
from psolink.fhir_json import JsonObject
from psolink.interactions.patching import Patches
from psolink.interactions.recently_complete import RecentlyComplete
from psolink.interactions.stored_profiles import StoredProfiles
from psolink.mapping import Mapper
from psolink.outcome import IssueCode
from psolink.pswp.party import Party
from psolink.search.index_values import IndexValues
from psolink.search.registry import SearchParameters
from psolink.search.stored_parameters import StoredParameters
from psolink.security.authorized_store import AuthorizedStore
from psolink.security.page_tokens import PageTokens
from psolink.security.principal import Principal
from psolink.security.registry import Directory
from psolink.settings import ReferentialIntegrity, Settings
from psolink.store.values import Access
from psolink.terminology import Terminology
from psolink.validation import Validator
from psolink.validation.profiles import Profiles


class UnknownType(ResourceNotFound):
    """The resource type is not one of R4."""

    code = IssueCode.NOT_SUPPORTED


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests share."""

    settings: Settings
    definitions: Definitions
    search_parameters: SearchParameters
    index_values: IndexValues
    stored_parameters: StoredParameters
    validator: Validator
    patches: Patches
    profiles: StoredProfiles
    mapper: Mapper
    terminology: Terminology
    directory: Directory
    page_tokens: PageTokens
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    referential_integrity: Callable[[str], ReferentialIntegrity]
    recently_complete: RecentlyComplete
    published: frozenset[str] = frozenset()
    """The types of which some resources are for everyone."""

    def as_seen_by(self, organization: str) -> "Services":
        """Return the services with the search parameters that the organization has stored."""
        own = self.stored_parameters.of(organization)
        return self if own is None else replace(self, search_parameters=own.parameters)

    def index_of(self, resource: JsonObject, access: Access, *, base_url: str) -> JsonObject:
        """Return the values by which those who hold the resource search for it."""
        found = self.index_values.extract(resource, base_url=base_url)
        return self.stored_parameters.add_values(found, resource, access.holders, base_url=base_url)


@dataclass(frozen=True, slots=True)
class Context:
    """What one request by one principal may use."""

    services: Services
    principal: Principal
    store: AuthorizedStore
    base_url: str
    started: float = field(default_factory=time.thread_time)
    """What its thread had taken of the processor when the request began, in seconds."""

    def require_time(self, *, at: str) -> None:
        """Raise `TooCostly` where the request has taken all of the processor that it may.

        Each entry of a Bundle is bounded by itself, and a Bundle may have thousands.
        """
        limit = self.services.settings.max_processor_seconds
        if time.thread_time() - self.started > limit:
            raise TooCostly(
                f"What was asked for before this entry took the {limit} seconds of the processor "
                "that one request may have; send it in parts.",
                at,
            )

    @property
    def tenant(self) -> str:
        """The organization that writes."""
        return self.principal.organization

    @property
    def party(self) -> Party:
        """The organization that writes, as the PSWP rules see it."""
        return Party(self.principal.organization, self.principal.kind.value)

    def profiles(self, url: str) -> Profiles:
        """Return the profiles among which one is looked for: the organization's own come last."""
        shared = self.services.profiles.shared
        if shared.knows(url):
            return shared
        return self.services.profiles.of(self.principal, self.store)

    def index_of(self, resource: JsonObject, access: Access) -> JsonObject:
        """Return the values by which those who hold the resource search for it."""
        return self.services.index_of(resource, access, base_url=self.base_url)

    def require_type(self, resource_type: str, *, at: str | None = None) -> None:
        """Raise `UnknownType` where R4 has no such resource type."""
        known = self.services.definitions.resource_types
        if resource_type not in known:
            near = get_close_matches(resource_type, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UnknownType(f"{resource_type[:64]!r} is no resource type of FHIR R4.{hint}", at)
