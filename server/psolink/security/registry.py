"""What an operator registers: organizations, contracts between them, and their clients."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from psolink.fhir_json import JsonObject
from psolink.security.principal import OrganizationKind, Principal
from psolink.security.scopes import Scopes
from psolink.settings import ReferentialIntegrity

ID_FORM = r"[a-z0-9-]{1,64}"
"""What the ids of organizations, contracts and clients look like."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A PSO's place on the list of the Secretary; `delisted_at` is the first moment off it."""

    listed_from: datetime
    delisted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """A party of the exchange. Only a PSO can have a listing.

    `referential_integrity` goes before the setting of the server.
    """

    id: str
    name: str
    kind: OrganizationKind
    listing: Listing | None = None
    referential_integrity: ReferentialIntegrity | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A bona fide contract of a provider with a PSO, in force from `start` until before `end`.

    `functional` says that both agreed on functional reporting.
    """

    id: str
    provider: str
    pso: str
    start: datetime
    end: datetime | None = None
    active: bool = True
    functional: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A program that acts for an organization, with its public keys or the address of them."""

    client_id: str
    organization: str
    scopes: Scopes
    level: int
    roles: frozenset[str] = frozenset()
    jwks: JsonObject | None = None
    jwks_uri: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Registration:
    """Everything that is registered, consistent in itself."""

    organizations: tuple[Organization, ...] = ()
    contracts: tuple[Contract, ...] = ()
    clients: tuple[Client, ...] = ()


class Directory(Protocol):
    """Looks up what is registered; None: there is no such entry."""

    def organization(self, organization_id: str) -> Organization | None:
        """Return the organization with this id."""
        ...

    def client(self, client_id: str) -> Client | None:
        """Return the client with this id."""
        ...

    def contract(self, provider: str, pso: str) -> Contract | None:
        """Return the contract between the two, whether or not it is in force."""
        ...


class FixedDirectory:
    """A directory of one registration that does not change."""

    def __init__(self, registration: Registration) -> None:
        self._organizations = {each.id: each for each in registration.organizations}
        self._clients = {each.client_id: each for each in registration.clients}
        self._contracts = {(each.provider, each.pso): each for each in registration.contracts}

    def organization(self, organization_id: str) -> Organization | None:
        """Return the organization with this id."""
        return self._organizations.get(organization_id)

    def client(self, client_id: str) -> Client | None:
        """Return the client with this id."""
        return self._clients.get(client_id)

    def contract(self, provider: str, pso: str) -> Contract | None:
        """Return the contract between the two, whether or not it is in force."""
        return self._contracts.get((provider, pso))


def principal_of(client: Client, organization: Organization, requested: Scopes) -> Principal:
    """Return the client as a principal: its scopes are what it asks for and is registered for."""
    return Principal(
        organization=organization.id,
        kind=organization.kind,
        client_id=client.client_id,
        scopes=requested & client.scopes,
        level=client.level,
        roles=client.roles,
    )
