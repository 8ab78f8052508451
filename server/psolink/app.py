"""The composition root: builds everything once, from the settings."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any
from uuid import uuid4

import msgspec
from flask import Blueprint, Flask
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from psolink.api import access_log, error_handlers
from psolink.api.asynchronous import jobs
from psolink.api.body_stream import with_body_stream
from psolink.api.gateway import Gateway, install
from psolink.api.health import health
from psolink.api.metadata import JSON, Statements, metadata_routes
from psolink.api.negotiation import FHIR_JSON, FHIR_XML, Format, Formats
from psolink.api.openapi import openapi
from psolink.api.operations import operations
from psolink.api.rest import rest
from psolink.api.token import token_routes
from psolink.definitions import Definitions, load_definitions
from psolink.formats.json_codec import JsonLimits, parse, render
from psolink.formats.json_places import json_places
from psolink.formats.xml_codec import XmlCodec
from psolink.formats.xml_places import xml_places
from psolink.interactions import asynchronous
from psolink.interactions.capabilities import capabilities
from psolink.interactions.context import Services
from psolink.interactions.patch_formats import PatchFormats
from psolink.interactions.recently_complete import RecentlyComplete
from psolink.interactions.stored_profiles import StoredProfiles
from psolink.interactions.terminology_capabilities import terminology_capabilities
from psolink.mapping import Mapper
from psolink.operations import table
from psolink.search.index_values import IndexValues
from psolink.search.own_parameters import own_search_parameters
from psolink.search.registry import SearchParameters
from psolink.search.stored_parameters import StoredParameters
from psolink.security.client_assertion import ClientAuthenticator
from psolink.security.integrity_settings import IntegritySettings
from psolink.security.key_sources import ClientKeys, HttpKeys
from psolink.security.stored_directory import StoredDirectory, StoredReplayGuard
from psolink.security.token_endpoint import grant
from psolink.settings import Settings
from psolink.setup import INDEXES, REGISTRATIONS, access_tokens, now, page_tokens, public_jwks
from psolink.store.drift import SERVICEABLE, findings
from psolink.store.job_store import Job
from psolink.store.jobs import Jobs
from psolink.store.mongo import MongoStore
from psolink.store.rows import Rows
from psolink.store.values import Lease
from psolink.terminology import Terminology
from psolink.terminology.published import PublishedResources
from psolink.terminology.remote import RemoteOptions, RemoteTerminology
from psolink.validation import Validator
from psolink.validation.profiles import read_resources, shipped_profiles
from psolink.validation.special_codes import GRAMMARS


def create_app(settings: Settings, client: MongoClient[dict[str, Any]]) -> Flask:
    """Return the server as a WSGI app; its database was prepared by `psolink.setup`."""
    directory = StoredDirectory(Rows(client, settings.database, REGISTRATIONS))
    tokens = access_tokens(settings)
    authenticator = ClientAuthenticator(
        directory,
        ClientKeys(HttpKeys(), now),
        StoredReplayGuard(Rows(client, settings.database, "assertions"), now),
        token_endpoint=f"{settings.public_root}/oauth/token",
        clock=now,
    )
    app = Flask("psolink", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    services = services_of(settings, client, directory)
    install(
        app,
        Gateway(
            services,
            MongoStore(client, settings.database, settings.slow_query_milliseconds),
            tokens,
            fhir_formats(settings, services.definitions),
            Jobs(client, settings.database),
        ),
    )
    app.wsgi_app = with_body_stream(app.wsgi_app)  # type: ignore[assignment,method-assign]
    access_log.register(app)
    error_handlers.register(app)
    app.register_blueprint(jobs)
    app.register_blueprint(rest)
    app.register_blueprint(_metadata(settings, services))
    app.register_blueprint(operations)
    app.register_blueprint(
        token_routes(
            partial(grant, authenticator=authenticator, directory=directory, access_tokens=tokens),
            root=settings.public_root,
            jwks=public_jwks(settings),
        )
    )
    app.register_blueprint(health(_problems(client, settings.database)))
    return app


def _metadata(settings: Settings, services: Services) -> Blueprint:
    base_url = f"{settings.public_root}/fhir"
    full = partial(capabilities, services, base_url, table.listed())
    modes = {
        "full": full,
        # Nearly all resource types are on trial in R4: their part alone would serve nobody.
        "normative": full,
        "terminology": partial(terminology_capabilities, services, base_url),
    }
    statements = Statements(modes, fhir_formats(settings, services.definitions))
    described = partial(openapi, services.definitions, settings.public_root)
    plain = Format(parse=msgspec.json.decode, render=lambda each, _: msgspec.json.encode(each))
    return metadata_routes(statements, Statements({"openapi": described}, {JSON: plain}))


def job_performers(
    settings: Settings, client: MongoClient[dict[str, Any]]
) -> Mapping[str, Callable[[Job, Lease], None]]:
    """Return what does each kind of job, with the same parts as the web workers have."""
    directory = StoredDirectory(Rows(client, settings.database, REGISTRATIONS))
    services = services_of(settings, client, directory)
    store = MongoStore(client, settings.database, settings.slow_query_milliseconds)
    queue = Jobs(client, settings.database)
    return {asynchronous.KIND: partial(asynchronous.run, services, store, queue)}


def services_of(
    settings: Settings, client: MongoClient[dict[str, Any]], directory: StoredDirectory
) -> Services:
    """Return what all requests share."""
    definitions = load_definitions()
    parameters = SearchParameters(definitions, own_search_parameters())
    installed = [each for path in settings.packages for each in read_resources(path)]
    held = terminology(settings).including(installed)
    return Services(
        settings=settings,
        definitions=definitions,
        search_parameters=parameters,
        index_values=IndexValues(parameters),
        stored_parameters=stored_parameters(settings, client, parameters),
        validator=Validator(definitions),
        patches=PatchFormats(definitions, _limits(settings)),
        profiles=StoredProfiles(shipped_profiles(definitions, held, installed), held),
        mapper=Mapper.load(definitions=definitions),
        terminology=held,
        directory=directory,
        page_tokens=page_tokens(settings),
        now=now,
        new_id=lambda: str(uuid4()),
        referential_integrity=IntegritySettings(
            directory, settings.referential_integrity, monotonic
        ),
        recently_complete=RecentlyComplete(),
        published=published_types(settings, definitions),
    )


def stored_parameters(
    settings: Settings, client: MongoClient[dict[str, Any]], parameters: SearchParameters
) -> StoredParameters:
    """Return what organizations have stored of search parameters."""
    states = Rows(client, settings.database, "search_parameters")
    return StoredParameters(parameters, MongoStore(client, settings.database), states)


def published_types(settings: Settings, definitions: Definitions) -> frozenset[str]:
    """Return the types of which the definitions of R4 and of this project can be read here."""
    if not settings.core_definitions:
        return frozenset()
    return PublishedResources(definitions).resource_types


def terminology(settings: Settings) -> Terminology:
    """Return the terminology that ships, and the server to ask for what it does not hold."""
    if settings.terminology_url is None:
        return Terminology.load(rules=GRAMMARS)
    options = RemoteOptions(
        settings.terminology_url, timeout_seconds=settings.terminology_timeout_seconds
    )
    return Terminology.load(rules=GRAMMARS, server=RemoteTerminology(options))


def fhir_formats(settings: Settings, definitions: Definitions) -> Formats:
    """Return how each media type is read and written."""
    limits = _limits(settings)
    # XML is longer than JSON and slower to read; a quarter of the bytes is about as much work.
    xml_limits = replace(limits, max_bytes=settings.max_body_bytes // 4)
    xml = XmlCodec(definitions)
    return {
        FHIR_JSON: Format(
            parse=partial(parse, limits=limits),
            render=lambda resource, pretty: render(resource, pretty=pretty),
            places=json_places,
        ),
        FHIR_XML: Format(
            parse=partial(xml.parse, limits=xml_limits),
            render=lambda resource, pretty: xml.render(resource, pretty=pretty),
            places=xml_places,
        ),
    }


def _limits(settings: Settings) -> JsonLimits:
    return JsonLimits(max_bytes=settings.max_body_bytes, max_depth=settings.max_depth)


def _problems(client: MongoClient[dict[str, Any]], database: str) -> Callable[[], list[str]]:
    def problems() -> list[str]:
        try:
            found = findings(client[database], INDEXES)
        except PyMongoError as error:
            return [f"the database does not answer ({type(error).__name__})"]
        return [str(each) for each in found if each.state not in SERVICEABLE]

    return problems
