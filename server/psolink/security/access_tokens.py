"""Access tokens of this server: short-lived signed JWTs that carry the whole principal.

https://www.rfc-editor.org/rfc/rfc9068
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated
from uuid import uuid4

import msgspec

from psolink.errors import Unauthenticated
from psolink.security.keys import SigningKeys
from psolink.security.principal import CONFIDENTIALITY, OrganizationKind, Principal
from psolink.security.scopes import InvalidScope, Scopes
from psolink.security.signed_tokens import MalformedToken, SignedToken, read_token
from psolink.security.token_cache import VerifiedTokens

Clock = Callable[[], datetime]

LEEWAY_SECONDS = 5
"""How far the clocks of two servers may differ."""

_MEDIA_TYPE = "at+jwt"
_LONGEST_TOKEN = 8192
_REMEMBERED_TOKENS = 4096


class TokenFault(StrEnum):
    """Why a token is refused. The log may say it; the client learns less."""

    MISSING = "missing"
    MALFORMED = "malformed"
    MEDIA_TYPE = "media type"
    KEY = "key"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    EARLY = "early"


class RefusedToken(Exception):
    """The cause of an `Unauthenticated`."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


_FOREIGN = "The access token is not from this server, or not for this API: request one here."
_MESSAGES = {
    TokenFault.MISSING: "An access token is required: send the header Authorization: Bearer "
    "with a token from the token endpoint.",
    TokenFault.MALFORMED: "The access token is malformed: send it as the token endpoint gave it.",
    TokenFault.EXPIRED: "The access token has expired: request a new one.",
    TokenFault.EARLY: "The access token is not valid yet: the clocks of the servers differ.",
}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and what the client is told of it."""

    token: str
    expires_in: int
    scope: str


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str
    sub: str
    org: str
    kind: OrganizationKind
    roles: tuple[str, ...]
    level: Annotated[int, msgspec.Meta(ge=0, lt=len(CONFIDENTIALITY))]
    scope: str
    iat: int
    exp: int
    jti: str
    nbf: int = 0


class AccessTokens:
    """Issues and verifies the tokens of one server for one API."""

    def __init__(
        self, keys: SigningKeys, *, issuer: str, audience: str, lifetime: timedelta, clock: Clock
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime
        self._clock = clock
        self._verified = VerifiedTokens(_REMEMBERED_TOKENS)

    def issue(self, principal: Principal, *, lifetime: timedelta | None = None) -> AccessToken:
        """Return a token that stands for the principal until its lifetime is over."""
        now = int(self._clock().timestamp())
        seconds = int((lifetime or self._lifetime).total_seconds())
        scope = str(principal.scopes)
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": principal.client_id,
            "client_id": principal.client_id,
            "org": principal.organization,
            "kind": str(principal.kind),
            "roles": sorted(principal.roles),
            "level": principal.level,
            "scope": scope,
            "iat": now,
            "exp": now + seconds,
            "jti": str(uuid4()),
        }
        token = self._keys.sign(claims, media_type=_MEDIA_TYPE)
        return AccessToken(token, seconds, scope)

    def verify(self, bearer: str) -> Principal:
        """Return whom the token stands for; raise `Unauthenticated` from a `RefusedToken`."""
        now = self._clock().timestamp()
        # The digest stands for the token, so that memory holds no token that could be used.
        digest = sha256(bearer.encode("utf-8", "replace")).digest()
        known = self._verified.get(digest, now)
        if known is not None:
            return known
        try:
            principal, until = self._verified_claims(bearer, now)
        except RefusedToken as refused:
            raise Unauthenticated(_MESSAGES.get(refused.fault, _FOREIGN)) from refused
        self._verified.add(digest, principal, until)
        return principal

    def _verified_claims(self, bearer: str, now: float) -> tuple[Principal, float]:
        if not bearer:
            raise RefusedToken(TokenFault.MISSING)
        try:
            token = read_token(bearer, longest=_LONGEST_TOKEN)
        except MalformedToken:
            raise RefusedToken(TokenFault.MALFORMED) from None
        self._check_signature(token)
        try:
            claims = token.claims(_Claims)
            self._check_claims(claims, now)
            return _principal(claims), claims.exp + LEEWAY_SECONDS
        except (MalformedToken, InvalidScope):
            raise RefusedToken(TokenFault.CLAIMS) from None

    def _check_signature(self, token: SignedToken) -> None:
        if token.media_type != _MEDIA_TYPE:
            raise RefusedToken(TokenFault.MEDIA_TYPE)
        key = self._keys.key(token.key_id)
        if key is None:
            raise RefusedToken(TokenFault.KEY)
        # The key decides on the algorithm; what the token says must only agree with it.
        if token.algorithm != key.alg:
            raise RefusedToken(TokenFault.ALGORITHM)
        if not token.is_signed_by(key, key.alg):
            raise RefusedToken(TokenFault.SIGNATURE)

    def _check_claims(self, claims: _Claims, now: float) -> None:
        if claims.iss != self._issuer:
            raise RefusedToken(TokenFault.ISSUER)
        if claims.aud != self._audience:
            raise RefusedToken(TokenFault.AUDIENCE)
        if claims.exp + LEEWAY_SECONDS <= now:
            raise RefusedToken(TokenFault.EXPIRED)
        if max(claims.iat, claims.nbf) - LEEWAY_SECONDS > now:
            raise RefusedToken(TokenFault.EARLY)


def bearer_token(authorization: str | None) -> str:
    """Return the token of an Authorization header; raise `Unauthenticated` where it has none.

    https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        missing = RefusedToken(TokenFault.MISSING)
        raise Unauthenticated(_MESSAGES[missing.fault]) from missing
    return token.strip()


def _principal(claims: _Claims) -> Principal:
    return Principal(
        organization=claims.org,
        kind=claims.kind,
        client_id=claims.sub,
        scopes=Scopes.parse(claims.scope),
        level=claims.level,
        roles=frozenset(claims.roles),
    )
