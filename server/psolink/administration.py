"""What an operator does with the database of a server, beside it or before it starts."""

from typing import Any

from pymongo import MongoClient

from psolink.app import services_of
from psolink.definitions import load_definitions
from psolink.errors import InvalidRequest
from psolink.interactions.context import Context
from psolink.search.index_values import IndexValues
from psolink.search.own_parameters import own_search_parameters
from psolink.search.registry import SearchParameters
from psolink.security.authorized_store import AuthorizedStore
from psolink.security.principal import CONFIDENTIALITY, Principal, Role
from psolink.security.scopes import Scopes
from psolink.security.stored_directory import StoredDirectory
from psolink.settings import Settings
from psolink.setup import REGISTRATIONS
from psolink.store.creation import Creation
from psolink.store.migrations import CREATION, REINDEX, Migrator
from psolink.store.mongo import MongoStore
from psolink.store.reindex import Reindex
from psolink.store.rows import Rows


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
        services=services_of(settings, directory),
        principal=principal,
        store=AuthorizedStore(MongoStore(client, settings.database), principal),
        base_url=f"{settings.public_root}/fhir",
    )


def migrator(settings: Settings, client: MongoClient[dict[str, Any]]) -> Migrator:
    """Return what brings a database to the layout of this release."""
    values = IndexValues(SearchParameters(load_definitions(), own_search_parameters()))
    base_url = f"{settings.public_root}/fhir"
    database = client[settings.database]
    reindex = Reindex(database, lambda each: values.extract(each.content, base_url=base_url))
    return Migrator(database, {CREATION: Creation(database), REINDEX: reindex})
