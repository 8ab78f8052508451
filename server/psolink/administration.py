"""What an operator does with the database of a server, beside it or before it starts."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pymongo import MongoClient

from psolink.app import services_of, stored_parameters
from psolink.definitions import load_definitions
from psolink.errors import InvalidRequest
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.search.index_values import IndexValues
from psolink.search.own_parameters import own_search_parameters
from psolink.search.registry import SearchParameters
from psolink.search.stored_parameters import defining_organizations, key_of, stored_definitions
from psolink.security.authorized_store import AuthorizedStore
from psolink.security.principal import CONFIDENTIALITY, Principal, Role
from psolink.security.scopes import Scopes
from psolink.security.stored_directory import StoredDirectory
from psolink.settings import Settings
from psolink.setup import REGISTRATIONS, now
from psolink.store.builds import GRACE, Builds
from psolink.store.creation import Creation
from psolink.store.ending import Ending
from psolink.store.migrations import CREATION, ENDING, REINDEX, UNRESERVED, Migrator, Walk
from psolink.store.mongo import MongoStore
from psolink.store.reindex import Reindex
from psolink.store.rows import Rows
from psolink.store.unreserved import Unreserved
from psolink.store.values import EVERYONE, Stored


def reader(
    settings: Settings, client: MongoClient[dict[str, Any]], organization: str | None
) -> Context:
    """Return the context of an operator who looks at searches as an organization makes them."""
    rows = Rows(client, settings.database, REGISTRATIONS)
    directory = StoredDirectory(rows)
    name = organization or rows.first("organization/") or ""
    found = directory.organization(name)
    if found is None:
        raise InvalidRequest(f"There is no organization {name!r}; `psolink register` makes one.")
    principal = Principal(
        organization=found.id,
        kind=found.kind,
        client_id="operator",
        scopes=Scopes.parse("system/*.rs"),
        level=len(CONFIDENTIALITY) - 1,
        roles=frozenset({Role.PSES, Role.PSO}),
    )
    return Context(
        services=services_of(settings, client, directory),
        principal=principal,
        store=AuthorizedStore(MongoStore(client, settings.database), principal),
        base_url=f"{settings.public_root}/fhir",
    )


def migrator(settings: Settings, client: MongoClient[dict[str, Any]]) -> Migrator:
    """Return what brings a database to the layout of this release."""
    database = client[settings.database]
    reindex = Reindex(database, _Values(settings, client))
    walks: dict[str, Walk] = {
        CREATION: Creation(database),
        ENDING: Ending(database),
        UNRESERVED: Unreserved(database),
        REINDEX: reindex,
    }
    return Migrator(database, walks)


class _Values:
    """The values to search by of stored versions, as a write would take them."""

    def __init__(self, settings: Settings, client: MongoClient[dict[str, Any]]) -> None:
        parameters = SearchParameters(load_definitions(), own_search_parameters())
        self._values = IndexValues(parameters)
        self._base_url = f"{settings.public_root}/fhir"
        self.stored = stored_parameters(settings, client, parameters)

    def __call__(self, version: Stored) -> JsonObject:
        """Return the values by which those who hold the version search for it."""
        # What everyone reads is written without a base URL.
        base_url = "" if version.key.tenant == EVERYONE else self._base_url
        found = self._values.extract(version.content, base_url=base_url)
        return self.stored.add_values(
            found, version.content, version.access.holders, base_url=base_url
        )


class ParameterBuilder:
    """Takes the values of the search parameters that organizations have stored."""

    def __init__(
        self, settings: Settings, client: MongoClient[dict[str, Any]], grace: timedelta
    ) -> None:
        self._settings = settings
        self._client = client
        self._database = client[settings.database]
        self._store = MongoStore(client, settings.database)
        self._builds = Builds(self._database, now, grace)

    @cached_property
    def _values(self) -> _Values:
        # Only a server that has such parameters needs all the definitions here.
        return _Values(self._settings, self._client)

    def advance(self) -> bool:
        """Do the next part of each build; return whether there is more to do at once."""
        return any(
            self._advance(organization, each)
            for organization in defining_organizations(self._store)
            for each in stored_definitions(self._store, organization)
        )

    def _advance(self, organization: str, definition: Stored) -> bool:
        content = definition.content
        concerned = {"holders": organization, "type": {"$in": list(content["base"])}}

        def walk(since: datetime | None) -> Reindex:
            late = {} if since is None else {"updated": {"$gte": since}}
            return Reindex(self._database, self._fresh(organization), concerned | late)

        return self._builds.advance(key_of(organization, content), walk)

    def _fresh(self, organization: str) -> _Values:
        self._values.stored.read(organization)
        return self._values


def parameter_builder(
    settings: Settings, client: MongoClient[dict[str, Any]], *, grace: timedelta = GRACE
) -> ParameterBuilder:
    """Return what builds the search parameters of organizations; see `psolink.store.builds`."""
    return ParameterBuilder(settings, client, grace)
