import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.unit.security.assertion_forge import (
    DIRECTORY,
    KEYS,
    TOKEN_ENDPOINT,
    Form,
    Replays,
    fetch,
)
from tests.unit.security.token_forge import PRINCIPAL, access_tokens, claims_of

from psolink.security.access_tokens import AccessTokens
from psolink.security.client_assertion import ASSERTION_TYPE, ClientAuthenticator
from psolink.security.key_sources import ClientKeys
from psolink.security.keys import SigningKeys


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def signing_keys() -> SigningKeys:
    return SigningKeys.create("ES256")


@pytest.fixture(scope="session")
def signing_input() -> Callable[[Mapping[str, object], bytes], str]:
    """Return a function that puts any header before any content; `...` leaves a member out."""

    def joined(header: Mapping[str, object], content: bytes) -> str:
        kept = {name: value for name, value in header.items() if value is not ...}
        return f"{encoded(json.dumps(kept).encode())}.{encoded(content)}"

    return joined


@pytest.fixture(scope="session")
def sign(signing_input) -> Callable[[Mapping[str, object], bytes, ECKey], str]:
    """Return a function that signs tokens which a library would refuse to make."""

    def signed(header: Mapping[str, object], content: bytes, key: ECKey) -> str:
        text = signing_input(header, content)
        hash_of = {"P-256": hashes.SHA256(), "P-384": hashes.SHA384()}[key.curve_name]
        parts = decode_dss_signature(key.get_op_key("sign").sign(text.encode(), ECDSA(hash_of)))
        size = key.curve_key_size // 8
        return f"{text}.{encoded(b''.join(part.to_bytes(size) for part in parts))}"

    return signed


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


@pytest.fixture
def tokens(signing_keys, clock) -> AccessTokens:
    return access_tokens(signing_keys, clock)


@pytest.fixture
def forge(tokens, signing_keys):
    """Return a function that changes claims and header of a good token and signs them again."""

    def forged(claims=None, header=None, key=None) -> str:
        content = claims_of(tokens.issue(PRINCIPAL).token) | (claims or {})
        content = {name: value for name, value in content.items() if value is not ...}
        kid = signing_keys.key_ids[0]
        head = {"alg": "ES256", "kid": kid, "typ": "at+jwt"} | (header or {})
        head = {name: value for name, value in head.items() if value is not ...}
        signer = key or signing_keys.key(kid)
        return jwt.encode(head, content, signer, algorithms=[head["alg"]], default_type=None)

    return forged


@pytest.fixture
def replays() -> Replays:
    return Replays()


@pytest.fixture
def authenticator(clock, replays) -> ClientAuthenticator:
    return ClientAuthenticator(
        DIRECTORY, ClientKeys(fetch, clock), replays, token_endpoint=TOKEN_ENDPOINT, clock=clock
    )


@pytest.fixture
def form(clock) -> Form:
    """Return a function that makes the form of a good request, with changes."""

    def filled(
        claims=None, header=None, *, key=None, client_id="ehr", **parameters
    ) -> dict[str, str]:
        now = int(clock.now.timestamp())
        content = {
            "iss": client_id,
            "sub": client_id,
            "aud": TOKEN_ENDPOINT,
            "exp": now + 300,
            "jti": str(uuid4()),
        }
        content = {k: v for k, v in (content | (claims or {})).items() if v is not ...}
        signer = key or KEYS["ES384"]
        head = {"alg": "ES384", "kid": signer.kid, "typ": "JWT"} | (header or {})
        head = {k: v for k, v in head.items() if v is not ...}
        assertion = jwt.encode(head, content, signer, algorithms=[head["alg"]], default_type=None)
        sent = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion} | parameters
        return {name: value for name, value in sent.items() if value is not ...}

    return filled
