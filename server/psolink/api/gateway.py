"""From an HTTP request to the context of an interaction."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, request

from psolink.api.negotiation import Formats, read_body
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context, Services
from psolink.security.access_tokens import AccessTokens, bearer_token
from psolink.security.authorized_store import AuthorizedStore
from psolink.store.base import ResourceStore
from psolink.store.job_store import JobStore

_NAME = "psolink"


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the routes share."""

    services: Services
    store: ResourceStore
    access_tokens: AccessTokens
    formats: Formats
    jobs: JobStore


def install(app: Flask, gateway: Gateway) -> None:
    """Make `gateway` the one of `app`."""
    app.extensions[_NAME] = gateway


def gateway() -> Gateway:
    """Return the gateway of the app that serves this request."""
    return cast("Gateway", current_app.extensions[_NAME])


def context() -> Context:
    """Return the context of this request; raise `Unauthenticated` without a valid token."""
    shared = gateway()
    principal = shared.access_tokens.verify(bearer_token(request.headers.get("Authorization")))
    return Context(
        services=shared.services.as_seen_by(principal.organization),
        principal=principal,
        store=AuthorizedStore(shared.store, principal, shared.services.published),
        base_url=base_url(),
    )


def base_url() -> str:
    """Return the FHIR base URL as this server names itself; never what a request says of it."""
    return f"{gateway().services.settings.public_root}/fhir"


def body() -> JsonObject:
    """Return the resource in the body of this request."""
    return read_body(gateway().formats)
