"""The token endpoint and what tells clients about it.

https://hl7.org/fhir/smart-app-launch/STU2/backend-services.html
"""

import logging

from flask import Blueprint, Response, jsonify, request

from psolink.api.negotiation import FORM
from psolink.fhir_json import JsonObject
from psolink.security.access_tokens import AccessTokens
from psolink.security.client_assertion import ClientAuthenticator
from psolink.security.oauth import TokenRequestRefused, invalid_request
from psolink.security.registry import Directory
from psolink.security.token_endpoint import grant, single_valued, smart_configuration

log = logging.getLogger(__name__)


def token_routes(
    authenticator: ClientAuthenticator,
    directory: Directory,
    access_tokens: AccessTokens,
    *,
    root: str,
    jwks: JsonObject,
) -> Blueprint:
    """Return the routes; `root` is the URL above the FHIR base, as clients see it.

    `jwks` are the public keys that access tokens are signed with.
    """
    routes = Blueprint("token", __name__)

    @routes.post("/oauth/token")
    def token() -> Response:
        """Grant an access token to a client that proves who it is."""
        if request.mimetype != FORM:
            raise invalid_request(f"the request must be {FORM}")
        granted = grant(
            single_valued(request.form.items(multi=True)),
            authenticator=authenticator,
            directory=directory,
            access_tokens=access_tokens,
        )
        return _uncached(jsonify(granted.to_json()))

    @routes.get("/oauth/jwks")
    def public_keys() -> Response:
        """Return the public keys of this server."""
        return jsonify(jwks)

    @routes.get("/fhir/.well-known/smart-configuration")
    def configuration() -> Response:
        """Return where tokens come from."""
        return jsonify(
            smart_configuration(token_endpoint=f"{root}/oauth/token", jwks_uri=f"{root}/oauth/jwks")
        )

    @routes.errorhandler(TokenRequestRefused)
    def refused(refusal: TokenRequestRefused) -> Response:
        """Tell the client what OAuth lets it know; the log knows the reason."""
        log.warning("token request refused: %s", refusal)
        response = jsonify(refusal.error.to_json())
        response.status_code = refusal.error.status
        return _uncached(response)

    return routes


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
