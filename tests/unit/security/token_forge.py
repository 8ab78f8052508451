"""A good access token and what tests do to it."""

import base64
import json
from datetime import timedelta

import pytest

from psolink.errors import Unauthenticated
from psolink.security.access_tokens import AccessTokens, Clock, RefusedToken
from psolink.security.keys import SigningKeys
from psolink.security.principal import OrganizationKind, Principal
from psolink.security.scopes import Scopes

ISSUER = "https://psolink.example"
AUDIENCE = "https://psolink.example/fhir"
PRINCIPAL = Principal(
    organization="hospital-a",
    kind=OrganizationKind.PROVIDER,
    client_id="ehr",
    scopes=Scopes.parse("system/*.rs system/AdverseEvent.c"),
    level=5,
    roles=frozenset({"pses"}),
)


def access_tokens(keys: SigningKeys, clock: Clock) -> AccessTokens:
    return AccessTokens(
        keys, issuer=ISSUER, audience=AUDIENCE, lifetime=timedelta(minutes=5), clock=clock
    )


def refusal(tokens: AccessTokens, token: str) -> str:
    """Return the fault for which the token is refused, and check that the text keeps it back."""
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token)
    assert isinstance(refused.value.__cause__, RefusedToken)
    assert len(token) < 5 or token not in str(refused.value)
    return str(refused.value.__cause__.fault)


def claims_of(token: str) -> dict[str, object]:
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims
