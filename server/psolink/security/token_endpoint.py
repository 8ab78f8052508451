"""The token endpoint: an authenticated client gets an access token for its scopes.

https://hl7.org/fhir/smart-app-launch/STU2/backend-services.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psolink.fhir_json import JsonObject
from psolink.security.access_tokens import AccessTokens
from psolink.security.client_assertion import ClientAuthenticator
from psolink.security.client_keys import CLIENT_ALGORITHMS
from psolink.security.oauth import (
    OAuthError,
    TokenRequestRefused,
    invalid_request,
    invalid_scope,
)
from psolink.security.principal import Principal
from psolink.security.registry import Client, Directory, principal_of
from psolink.security.scopes import InvalidScope, Scopes

GRANT_TYPE = "client_credentials"


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """What the client gets. https://www.rfc-editor.org/rfc/rfc6749#section-5.1."""

    access_token: str
    expires_in: int
    scope: str

    def to_json(self) -> JsonObject:
        """Return the body of the response, which nobody may cache."""
        return {
            "access_token": self.access_token,
            "token_type": "bearer",
            "expires_in": self.expires_in,
            "scope": self.scope,
        }


def single_valued(parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters of a form; refuse one that is given twice."""
    form: dict[str, str] = {}
    for name, value in parameters:
        if name in form:
            raise invalid_request("a parameter is given more than once")
        form[name] = value
    return form


def grant(
    form: Mapping[str, str],
    *,
    authenticator: ClientAuthenticator,
    directory: Directory,
    access_tokens: AccessTokens,
) -> TokenResponse:
    """Return a token for what the client asks for and is registered for."""
    _check_grant_type(form)
    client = authenticator.authenticate(form)
    principal = _principal(client, directory, _requested(form))
    issued = access_tokens.issue(principal)
    return TokenResponse(issued.token, issued.expires_in, issued.scope)


def smart_configuration(*, token_endpoint: str, jwks_uri: str) -> JsonObject:
    """Return the document of `/.well-known/smart-configuration`.

    https://hl7.org/fhir/smart-app-launch/STU2/conformance.html
    """
    return {
        "token_endpoint": token_endpoint,
        "jwks_uri": jwks_uri,
        "grant_types_supported": [GRANT_TYPE],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "scopes_supported": ["system/*.cruds", "system/*.rs"],
        # SMART requires this member of every server, though no grant here takes a code.
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


def _check_grant_type(form: Mapping[str, str]) -> None:
    if "grant_type" not in form:
        raise invalid_request(f"grant_type is required: {GRANT_TYPE}")
    if form["grant_type"] != GRANT_TYPE:
        error = OAuthError("unsupported_grant_type", f"grant_type must be {GRANT_TYPE}")
        raise TokenRequestRefused(error, "grant type")


def _requested(form: Mapping[str, str]) -> Scopes:
    if not form.get("scope", "").strip():
        raise invalid_scope("scope is required, such as system/AdverseEvent.rs or system/*.cruds")
    try:
        return Scopes.parse(form["scope"])
    except InvalidScope as fault:
        raise invalid_scope(str(fault)) from None


def _principal(client: Client, directory: Directory, requested: Scopes) -> Principal:
    organization = directory.organization(client.organization)
    if organization is None:
        error = OAuthError(
            "unauthorized_client", "the organization of the client is not registered"
        )
        raise TokenRequestRefused(error, "unknown organization")
    principal = principal_of(client, organization, requested)
    if not principal.scopes:
        raise invalid_scope(f"none of these scopes is registered; there are {client.scopes}")
    return principal
