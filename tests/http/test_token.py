"""The token endpoint over HTTP: https://hl7.org/fhir/smart-app-launch/STU2/backend-services.html"""

import time
from uuid import uuid4

import pytest
from joserfc import jwt
from tests.http.conftest import Actor

from psolink.security.development import load_or_create_client_keys

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def assertion(settings):
    def assertion(client_id="hospital-a", **changes):
        key = load_or_create_client_keys(settings.data / "dev-client-keys.json")["hospital-a"]
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": f"{settings.public_root}/oauth/token",
            "exp": int(time.time()) + 120,
            "jti": str(uuid4()),
        } | changes
        header = {"alg": "ES384", "kid": key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, key, algorithms=["ES384"])

    return assertion


def ask(app, assertion, **changes):
    form = {
        "grant_type": "client_credentials",
        "scope": "system/Patient.crs",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    } | changes
    return app.test_client().post("/oauth/token", data=form)


def test_a_client_gets_a_token_for_its_key(app, assertion):
    answer = ask(app, assertion())
    granted = answer.get_json()
    assert answer.status_code == 200
    assert (granted["token_type"], granted["expires_in"]) == ("bearer", 300)
    assert answer.headers["Cache-Control"] == "no-store"
    actor = Actor(app.test_client(), granted["access_token"])
    assert actor.post("/Patient", {"resourceType": "Patient"}).status_code == 201


def test_a_token_covers_no_more_than_its_scope(app, assertion):
    granted = ask(app, assertion(), scope="system/Patient.rs").get_json()
    actor = Actor(app.test_client(), granted["access_token"])
    assert actor.get("/Patient").status_code == 200
    assert actor.post("/Patient", {"resourceType": "Patient"}).status_code == 403
    assert actor.get("/AdverseEvent").status_code == 403


def test_an_assertion_is_taken_once(app, assertion):
    used = assertion()
    assert ask(app, used).status_code == 200
    answer = ask(app, used)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        pytest.param({"grant_type": "password"}, 400, "unsupported_grant_type", id="grant type"),
        pytest.param({"scope": "patient/*.rs"}, 400, "invalid_scope", id="scope"),
        pytest.param({"client_assertion": "x.y.z"}, 401, "invalid_client", id="assertion"),
    ],
)
def test_a_wrong_request_is_refused_as_oauth_says(app, assertion, changes, status, error):
    answer = ask(app, assertion(), **changes)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)


def test_a_client_cannot_be_another_one(app, assertion):
    assert ask(app, assertion("hospital-b")).status_code == 401


def test_the_configuration_names_the_endpoint(app, settings):
    described = app.test_client().get("/fhir/.well-known/smart-configuration").get_json()
    assert described["token_endpoint"] == f"{settings.public_root}/oauth/token"
    assert "private_key_jwt" in described["token_endpoint_auth_methods_supported"]


def test_the_public_keys_are_public_only(app):
    keys = app.test_client().get("/oauth/jwks").get_json()["keys"]
    assert keys
    assert not any("d" in key for key in keys)
