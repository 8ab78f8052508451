from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from psolink.security.access_tokens import AccessTokens
from psolink.security.client_assertion import ASSERTION_TYPE, ClientAuthenticator
from psolink.security.key_sources import ClientKeys, FetchedKeys
from psolink.security.oauth import OAuthError, TokenRequestRefused
from psolink.security.principal import OrganizationKind
from psolink.security.registry import Client, FixedDirectory, Organization, Registration
from psolink.security.scopes import Scopes
from psolink.security.token_endpoint import (
    TokenResponse,
    grant,
    single_valued,
    smart_configuration,
)

TOKEN_ENDPOINT = "https://psolink.example/auth/token"
KEY = ECKey.generate_key("P-384", {"kid": "key"})
HOSPITAL = Organization("hospital", "A hospital", OrganizationKind.PROVIDER)
EHR = Client(
    "ehr",
    "hospital",
    Scopes.parse("system/*.rs system/AdverseEvent.cruds"),
    level=5,
    roles=frozenset({"pses"}),
    jwks={"keys": [KEY.as_dict(private=False)]},
)
STRAY = replace(EHR, client_id="stray", organization="gone")


class NoReplays:
    def first_use(self, client_id: str, jti: str, expires: datetime) -> bool:
        return True


def no_fetching(address: str) -> FetchedKeys:
    raise AssertionError(address)


@pytest.fixture
def tokens(signing_keys, clock) -> AccessTokens:
    return AccessTokens(
        signing_keys, issuer="i", audience="a", lifetime=timedelta(minutes=5), clock=clock
    )


@pytest.fixture
def ask(tokens, clock):
    """Return a function that asks for a token with these parameters, `...` to leave one out."""
    directory = FixedDirectory(Registration((HOSPITAL,), (), (EHR, STRAY)))
    authenticator = ClientAuthenticator(
        directory,
        ClientKeys(no_fetching, clock),
        NoReplays(),
        token_endpoint=TOKEN_ENDPOINT,
        clock=clock,
    )

    def asked(client_id: str = "ehr", **parameters: object) -> TokenResponse:
        given = good_form(client_id, clock.now) | parameters
        form = {name: str(value) for name, value in given.items() if value is not ...}
        return grant(form, authenticator=authenticator, directory=directory, access_tokens=tokens)

    return asked


def good_form(client_id: str, now: datetime) -> dict[str, object]:
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": TOKEN_ENDPOINT,
        "exp": int(now.timestamp()) + 60,
        "jti": str(uuid4()),
    }
    assertion = jwt.encode({"alg": "ES384", "kid": "key"}, claims, KEY, algorithms=["ES384"])
    return {
        "grant_type": "client_credentials",
        "scope": "system/*.rs",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }


def refusal(ask, **parameters: object) -> OAuthError:
    with pytest.raises(TokenRequestRefused) as refused:
        ask(**parameters)
    return refused.value.error


def test_a_token_stands_for_the_client_as_it_is_registered(ask, tokens):
    principal = tokens.verify(ask().access_token)
    assert (principal.client_id, principal.organization, principal.level) == ("ehr", "hospital", 5)
    assert principal.holds_pswp_clearance


def test_the_response_has_the_members_that_smart_requires(ask):
    response = ask().to_json()
    assert response | {"access_token": ""} == {
        "access_token": "",
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "system/*.rs",
    }


@pytest.mark.parametrize(
    ("requested", "granted"),
    [
        ("system/*.cruds", "system/*.rs system/AdverseEvent.cud"),
        ("system/AdverseEvent.cu", "system/AdverseEvent.cu"),
        ("system/Patient.cruds system/Device.d", "system/Patient.rs"),
        ("system/Patient.read", "system/Patient.rs"),
    ],
)
def test_what_is_granted_is_never_wider_than_asked_or_registered(
    ask, tokens, requested: str, granted: str
):
    response = ask(scope=requested)
    assert response.scope == granted
    assert tokens.verify(response.access_token).scopes == Scopes.parse(granted)


@pytest.mark.parametrize(
    ("parameters", "error", "description"),
    [
        ({"grant_type": ...}, "invalid_request", "grant_type is required"),
        ({"grant_type": "password"}, "unsupported_grant_type", "must be client_credentials"),
        ({"client_assertion_type": "x"}, "invalid_request", "client_assertion_type"),
        ({"scope": ...}, "invalid_scope", "scope is required"),
        ({"scope": " "}, "invalid_scope", "scope is required"),
        ({"scope": "user/*.rs"}, "invalid_scope", "needs a patient or a user"),
        ({"scope": "system/*.rs?a=b"}, "invalid_scope", "restricted by a query"),
        ({"scope": "system/Patient.d"}, "invalid_scope", "there are system/*.rs system/AdverseE"),
        ({"client_id": "stray"}, "unauthorized_client", "organization of the client"),
    ],
)
def test_a_request_that_cannot_be_granted_has_its_own_error(ask, parameters, error, description):
    refused = refusal(ask, **parameters)
    assert (refused.error, refused.status) == (error, 400)
    assert description in refused.description


def test_a_client_that_is_not_authenticated_gets_401(ask):
    refused = refusal(ask, client_assertion="x")
    assert refused.to_json()["error"] == "invalid_client"
    assert refused.status == 401


def test_a_parameter_that_is_given_twice_is_refused():
    assert single_valued([("a", "1"), ("b", "2")]) == {"a": "1", "b": "2"}
    with pytest.raises(TokenRequestRefused, match="more than once") as refused:
        single_valued([("scope", "1"), ("scope", "1")])
    assert refused.value.error.error == "invalid_request"


def test_the_configuration_says_what_the_endpoint_does():
    document = smart_configuration(
        token_endpoint=TOKEN_ENDPOINT, jwks_uri="https://psolink.example/auth/jwks.json"
    )
    assert document["token_endpoint"] == TOKEN_ENDPOINT
    assert document["grant_types_supported"] == ["client_credentials"]
    assert document["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert {"RS384", "ES384"} <= set(document["token_endpoint_auth_signing_alg_values_supported"])
    assert "client-confidential-asymmetric" in document["capabilities"]
    assert "authorization_endpoint" not in document


def test_every_scope_of_the_configuration_can_be_granted():
    document = smart_configuration(token_endpoint="t", jwks_uri="j")
    assert Scopes.parse(" ".join(document["scopes_supported"]))
