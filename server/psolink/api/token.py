"""The token endpoint and what tells clients about it.

https://hl7.org/fhir/smart-app-launch/STU2/backend-services.html
"""

import logging
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify, request

from psolink.api.negotiation import FORM
from psolink.fhir_json import JsonObject
from psolink.security.oauth import TokenRequestRefused, invalid_request
from psolink.security.token_endpoint import TokenResponse, single_valued, smart_configuration

log = logging.getLogger(__name__)

Grant = Callable[[Mapping[str, str]], TokenResponse]


def token_routes(grant: Grant, *, root: str, jwks: JsonObject) -> Blueprint:
    """Return the routes; `root` is the URL above the FHIR base, as clients see it.

    `grant` gives a token for a form, and `jwks` are the public keys that tokens are signed with.
    """
    routes = Blueprint("token", __name__)
    described = smart_configuration(
        token_endpoint=f"{root}/oauth/token", jwks_uri=f"{root}/oauth/jwks"
    )
    routes.add_url_rule("/oauth/token", "token", lambda: _token(grant), methods=["POST"])
    routes.add_url_rule("/oauth/jwks", "jwks", lambda: jsonify(jwks))
    routes.add_url_rule(
        "/fhir/.well-known/smart-configuration", "configuration", lambda: jsonify(described)
    )
    routes.register_error_handler(TokenRequestRefused, _refused)
    return routes


def _token(grant: Grant) -> Response:
    if request.mimetype != FORM:
        raise invalid_request(f"the request must be {FORM}")
    granted = grant(single_valued(request.form.items(multi=True)))
    return _uncached(jsonify(granted.to_json()))


def _refused(refusal: TokenRequestRefused) -> Response:
    """Tell the client what OAuth lets it know; the log knows the reason."""
    log.warning("token request refused: %s", refusal)
    response = jsonify(refusal.error.to_json())
    response.status_code = refusal.error.status
    return _uncached(response)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
