"""Authenticates a client by a JWT that it signed with its private key.

https://hl7.org/fhir/smart-app-launch/STU2/client-confidential-asymmetric.html
https://www.rfc-editor.org/rfc/rfc7523#section-3
"""

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import msgspec
from joserfc.jwk import ECKey, RSAKey

from psolink.security.client_keys import CLIENT_ALGORITHMS, ClientKey
from psolink.security.key_sources import KeySource
from psolink.security.oauth import OAuthError, TokenRequestRefused, invalid_request
from psolink.security.registry import ID_FORM, Client, Directory
from psolink.security.scopes import Scopes
from psolink.security.signed_tokens import MalformedToken, SignedToken, read_token

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

LONGEST_LIFETIME_SECONDS = 300
LEEWAY_SECONDS = 10
"""How far the clocks of client and server may differ."""

_LONGEST_ASSERTION = 16_384
_LONGEST_ID = 256
# One text for whatever depends on the registration: nobody can find out which clients exist.
_NOT_AUTHENTICATED = (
    "the client is not registered here, or the assertion is not signed with one of its keys"
)


class ReplayGuard(Protocol):
    """Remembers the assertions that were used, for all workers together."""

    def first_use(self, client_id: str, jti: str, expires: datetime) -> bool:
        """Return whether the client uses this id for the first time, and remember it until then."""
        ...


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    jti: str
    iat: float = 0.0
    nbf: float = 0.0


class ClientAuthenticator:
    """Tells which registered client signed an assertion for this token endpoint."""

    def __init__(
        self,
        directory: Directory,
        keys: KeySource,
        replays: ReplayGuard,
        *,
        token_endpoint: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._directory = directory
        self._keys = keys
        self._replays = replays
        self._token_endpoint = token_endpoint
        self._clock = clock
        self._decoys = _decoys()
        self._nobody = _nobody(self._decoys["ES384"])

    def authenticate(self, form: Mapping[str, str]) -> Client:
        """Return the client; raise `TokenRequestRefused`."""
        token = _assertion(form)
        claims = _claims(token)
        self._check_claims(claims, form)
        client = self._client(token, claims.sub)
        if not client.active:
            error = OAuthError(
                "unauthorized_client", "the registration of the client is not active"
            )
            raise TokenRequestRefused(error, "inactive client")
        until = datetime.fromtimestamp(claims.exp + LEEWAY_SECONDS, UTC)
        if not self._replays.first_use(client.client_id, claims.jti, until):
            raise _invalid_client("the assertion was used before: make a new one for each request")
        return client

    def _check_claims(self, claims: _Claims, form: Mapping[str, str]) -> None:
        """Check all that does not depend on what is registered, and say what is wrong with it."""
        now = self._clock().timestamp()
        if claims.iss != claims.sub or not re.fullmatch(ID_FORM, claims.sub):
            raise _invalid_client("iss and sub must both be the client_id")
        if form.get("client_id", claims.sub) != claims.sub:
            raise _invalid_client("the parameter client_id and the claim sub differ")
        if claims.aud not in (self._token_endpoint, [self._token_endpoint]):
            raise _invalid_client(f"aud must be {self._token_endpoint}")
        if claims.exp + LEEWAY_SECONDS <= now:
            raise _invalid_client("the assertion has expired")
        if claims.exp - LEEWAY_SECONDS > now + LONGEST_LIFETIME_SECONDS:
            raise _invalid_client("exp must be at most five minutes ahead")
        if max(claims.iat, claims.nbf) - LEEWAY_SECONDS > now:
            raise _invalid_client("iat or nbf is in the future: the clocks differ")
        if not 0 < len(claims.jti) <= _LONGEST_ID:
            raise _invalid_client(f"jti must have 1 to {_LONGEST_ID} characters")

    def _client(self, token: SignedToken, client_id: str) -> Client:
        client = self._directory.client(client_id)
        # Whatever is missing, keys are looked up and a signature is checked all the same, so that
        # the time of an answer does not tell what is registered.
        found = self._keys.key(client or self._nobody, token.key_id)
        decoy = self._decoys[token.algorithm]
        key = found if found and _suits(found, decoy, token.algorithm) else decoy
        is_signed = token.is_signed_by(key, token.algorithm)
        if client is None:
            raise _invalid_client(_NOT_AUTHENTICATED, reason="unknown client")
        if token.key_set_url not in (None, client.jwks_uri):
            raise _invalid_client(_NOT_AUTHENTICATED, reason="another key set")
        if key is decoy:
            raise _invalid_client(_NOT_AUTHENTICATED, reason="unknown key")
        if not is_signed:
            raise _invalid_client(_NOT_AUTHENTICATED, reason="signature")
        return client


def _assertion(form: Mapping[str, str]) -> SignedToken:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise invalid_request(f"client_assertion_type must be {ASSERTION_TYPE}")
    if "client_assertion" not in form:
        raise invalid_request("client_assertion is required: a JWT that the client has signed")
    if "client_secret" in form:
        raise invalid_request("a client authenticates in one way only: leave client_secret out")
    try:
        token = read_token(form["client_assertion"], longest=_LONGEST_ASSERTION)
    except MalformedToken as malformed:
        description = "client_assertion is not a signed JWT with alg and kid in its header"
        raise _invalid_client(description, reason=f"malformed: {malformed}") from None
    if token.algorithm not in CLIENT_ALGORITHMS:
        raise _invalid_client(f"alg must be one of {', '.join(CLIENT_ALGORITHMS)}")
    if (token.media_type or "JWT").upper() != "JWT":
        # A token that was made for another purpose must not serve as an assertion.
        raise _invalid_client("typ must be JWT")
    return token


def _claims(token: SignedToken) -> _Claims:
    try:
        return token.claims(_Claims)
    except MalformedToken as malformed:
        description = "the assertion needs iss, sub, aud and jti as text and exp as a number"
        raise _invalid_client(description, reason=f"claims: {malformed}") from None


def _invalid_client(description: str, *, reason: str | None = None) -> TokenRequestRefused:
    return TokenRequestRefused(
        OAuthError("invalid_client", description, 401), reason or description
    )


def _suits(key: ClientKey, decoy: ClientKey, algorithm: str) -> bool:
    """Tell whether the key is of the kind of the decoy and meant for the algorithm."""
    if isinstance(key, ECKey):
        is_of_kind = isinstance(decoy, ECKey) and key.curve_name == decoy.curve_name
    else:
        is_of_kind = isinstance(decoy, RSAKey)
    return is_of_kind and key.alg in (None, algorithm)


def _decoys() -> dict[str, ClientKey]:
    """Return a key for each algorithm whose private half nobody has."""
    # Any odd number of that size does as a modulus, and needs no search for primes.
    modulus = (secrets.randbits(2048) | 1 << 2047 | 1).to_bytes(256)
    n = base64.urlsafe_b64encode(modulus).rstrip(b"=").decode("ascii")
    rsa = RSAKey.import_key({"kty": "RSA", "n": n, "e": "AQAB"})
    return {
        "RS256": rsa,
        "RS384": rsa,
        "ES256": ECKey.generate_key("P-256", private=False),
        "ES384": ECKey.generate_key("P-384", private=False),
    }


def _nobody(decoy: ClientKey) -> Client:
    """Return a client whose key no assertion can name."""
    jwks = {"keys": [decoy.as_dict(private=False) | {"kid": secrets.token_urlsafe()}]}
    return Client("", "", Scopes(), level=0, jwks=jwks)
