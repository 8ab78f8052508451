"""Make a database ready to serve: layout, signing keys, and what an operator registers."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.publication import Publication
from psolink.search.index_values import IndexValues
from psolink.search.indexes import SEARCH_INDEXES
from psolink.search.own_parameters import own_search_parameters
from psolink.search.registry import SearchParameters
from psolink.security.access_tokens import AccessTokens
from psolink.security.development import (
    dev_tokens,
    development_registration,
    load_or_create_client_keys,
    write_tokens_file,
)
from psolink.security.keys import InvalidKeyFile, load_or_create_keys
from psolink.security.page_tokens import PageTokens
from psolink.security.registry import Registration
from psolink.security.stored_directory import StoredDirectory
from psolink.settings import Settings
from psolink.store.indexes import STORE_INDEXES, Index
from psolink.store.mongo import MongoStore
from psolink.store.rows import Rows
from psolink.store.startup import StoreUnusable, connect, prepare_database
from psolink.terminology.published import PublishedResources
from psolink.validation.profiles import PackageUnreadable, check_package

INDEXES: tuple[Index, ...] = (*STORE_INDEXES, *SEARCH_INDEXES)
REGISTRATIONS = "registrations"
_PUBLISHED = "published"


Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Given how many there are, a block in which a function is told how many more were done."""


@contextmanager
def _silently(_total: int) -> Iterator[Callable[[int], None]]:
    yield lambda _done: None


class NotReady(Exception):
    """The server cannot serve; the message says why and how to mend it."""


def prepare(settings: Settings, progress: Progress = _silently) -> None:
    """Prepare database and keys; raise `NotReady` where that is not possible.

    `progress` is told of definitions that are published here, which takes seconds.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        load_or_create_keys(settings.keys_path)
        for path in settings.packages:
            check_package(path)
        with _database(settings) as client:
            prepare_database(client, settings.database, INDEXES)
            if settings.core_definitions:
                _publish(client, settings, progress)
    except (StoreUnusable, InvalidKeyFile, PackageUnreadable) as error:
        raise NotReady(str(error)) from error


def _publish(client: MongoClient[dict[str, Any]], settings: Settings, progress: Progress) -> None:
    """Put the definitions into the store, unless those of this release are there already."""
    releases = Rows(client, settings.database, "meta")
    definitions = load_definitions()
    published = PublishedResources(definitions)
    release = published.release
    if releases.get(_PUBLISHED) == {"release": release}:
        return
    parameters = SearchParameters(definitions, own_search_parameters())
    store = MongoStore(client, settings.database)
    with progress(published.count) as done:
        Publication(store, IndexValues(parameters), now).publish(published, done)
    releases.save(_PUBLISHED, {"release": release})


def register_in(settings: Settings, registration: Registration) -> None:
    """Write what an operator registers into the database."""
    with _database(settings) as client:
        StoredDirectory(Rows(client, settings.database, REGISTRATIONS)).register(registration)


def seed_development(settings: Settings) -> Path:
    """Register the parties of a development server and write their tokens; return the file."""
    register_in(settings, _development(settings))
    path = settings.data / "dev-tokens.json"
    write_tokens_file(path, development_tokens(settings))
    return path


def development_tokens(settings: Settings) -> dict[str, JsonObject]:
    """Return a long-lived token for each client of a development server."""
    return dev_tokens(access_tokens(settings), _development(settings))


def access_tokens(settings: Settings) -> AccessTokens:
    """Return what issues and verifies the tokens of this server."""
    name = settings.base_url or "urn:psolink"
    return AccessTokens(
        load_or_create_keys(settings.keys_path),
        issuer=name,
        audience=name,
        lifetime=timedelta(seconds=settings.token_lifetime_seconds),
        clock=now,
    )


def page_tokens(settings: Settings) -> PageTokens:
    """Return what makes the links to further pages."""
    return PageTokens(load_or_create_keys(settings.keys_path))


def public_jwks(settings: Settings) -> JsonObject:
    """Return the public keys that access tokens are signed with."""
    return load_or_create_keys(settings.keys_path).public_jwks()


def now() -> datetime:
    """Return the present moment in whole milliseconds, as the store keeps it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _development(settings: Settings) -> Registration:
    keys = load_or_create_client_keys(settings.data / "dev-client-keys.json")
    return development_registration(keys)


@contextmanager
def _database(settings: Settings) -> Iterator[MongoClient[dict[str, Any]]]:
    with connect(settings.mongodb_uri or "") as client:
        yield client
