"""Every way in which an assertion can be wrong, each refused for the intended reason."""

import base64
import hmac

import pytest
from joserfc.jwk import ECKey, RSAKey
from tests.unit.security.assertion_forge import (
    DIRECTORY,
    KEYS,
    OTHER_KEY,
    REMOTE_KEY,
    TOKEN_ENDPOINT,
    Form,
    Replays,
    opened,
    refusal,
)

from psolink.security.client_assertion import ClientAuthenticator
from psolink.security.client_keys import ClientKey
from psolink.security.registry import Client


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        pytest.param({"iss": "other"}, "iss and sub must both", id="another issuer"),
        pytest.param({"sub": "other"}, "iss and sub must both", id="another subject"),
        pytest.param({"aud": "https://other.example/token"}, "aud must be", id="other audience"),
        pytest.param({"aud": TOKEN_ENDPOINT + "/"}, "aud must be", id="almost this audience"),
        pytest.param({"aud": [TOKEN_ENDPOINT, "x"]}, "aud must be", id="one more audience"),
        pytest.param({"aud": []}, "aud must be", id="no audience"),
        pytest.param({"jti": ""}, "jti must have 1 to 256", id="empty jti"),
        pytest.param({"jti": "x" * 257}, "jti must have 1 to 256", id="long jti"),
        pytest.param({"jti": 5}, "claims: Expected `str`", id="jti is a number"),
        pytest.param({"exp": "soon"}, "claims: Expected `float`", id="expiry as text"),
        pytest.param({"exp": float("nan")}, "claims: JSON is malformed", id="expiry not a number"),
        pytest.param({"exp": None}, "claims: Expected `float`", id="expiry is null"),
        pytest.param({"exp": 10**30}, "at most five minutes", id="expiry beyond all calendars"),
        pytest.param({"exp": -(10**30)}, "expired", id="expiry before all calendars"),
        *[
            pytest.param({name: ...}, f"required field `{name}`", id=f"without {name}")
            for name in ("iss", "sub", "aud", "exp", "jti")
        ],
    ],
)
def test_an_assertion_with_wrong_claims_is_refused(authenticator, form: Form, claims, reason: str):
    refused = refusal(authenticator, form(claims))
    assert (refused.error.error, refused.error.status) == ("invalid_client", 401)
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        pytest.param({"typ": "at+jwt"}, "typ must be JWT", id="an access token"),
        pytest.param({"alg": "ES512"}, "alg must be one of RS384, ES384", id="another algorithm"),
        pytest.param({"alg": "PS384"}, "alg must be one of RS384, ES384", id="another padding"),
        pytest.param({"alg": "RS384"}, "unknown key", id="an algorithm for another kind of key"),
        pytest.param({"alg": ...}, "malformed: three parts", id="no algorithm"),
        pytest.param({"kid": "unknown"}, "unknown key", id="an unknown key"),
        pytest.param({"kid": "other"}, "unknown key", id="the key id of another client"),
        pytest.param({"kid": "es256"}, "unknown key", id="a key of another curve"),
        pytest.param({"kid": "rs384"}, "unknown key", id="a key of another kind"),
        pytest.param({"kid": ...}, "malformed: the header", id="no key id"),
        pytest.param({"kid": 5}, "malformed: the header", id="key id is a number"),
        pytest.param({"crit": ["exp"], "exp": 1}, "malformed: the header", id="an extension"),
        pytest.param({"jku": "https://evil.example/keys"}, "another key set", id="another key set"),
        pytest.param({"x": "a" * 2100}, "malformed: three parts", id="an oversized header"),
    ],
)
def test_an_assertion_with_a_wrong_header_is_refused(
    authenticator, form: Form, sign, header, reason: str
):
    head, content = opened(form()["client_assertion"])
    sent = form(client_assertion=sign(head | header, content, KEYS["ES384"]))
    refused = refusal(authenticator, sent)
    assert (refused.error.error, refused.error.status) == ("invalid_client", 401)
    assert reason in refused.reason


def test_a_key_serves_only_the_algorithm_it_is_registered_for(authenticator, form: Form):
    material = KEYS["RS384"].as_dict(private=True)
    key = RSAKey.import_key({name: material[name] for name in ("kty", "kid", "n", "e", "d")})
    sent = form(header={"alg": "RS256"}, key=key)
    assert refusal(authenticator, sent).reason == "unknown key"


def test_an_assertion_without_signature_is_refused(authenticator, form: Form, signing_input):
    head, content = opened(form()["client_assertion"])
    unsigned = signing_input(head | {"alg": "none"}, content) + "."
    assert "alg must be one of" in refusal(authenticator, form(client_assertion=unsigned)).reason


def test_an_assertion_signed_with_the_public_key_as_a_secret_is_refused(
    authenticator, form: Form, signing_input
):
    head, content = opened(form()["client_assertion"])
    text = signing_input(head | {"alg": "HS256"}, content)
    digest = hmac.digest(KEYS["ES384"].as_pem(private=False), text.encode(), "sha256")
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    sent = form(client_assertion=f"{text}.{signature}")
    assert "alg must be one of" in refusal(authenticator, sent).reason


def test_an_assertion_with_a_changed_claim_is_refused(authenticator, form: Form, signing_input):
    head, content = opened(assertion := form()["client_assertion"])
    text = signing_input(head, content.replace(b'"exp":', b'"exp": '))
    sent = form(client_assertion=f"{text}.{assertion.rsplit('.')[-1]}")
    assert refusal(authenticator, sent).reason == "signature"


@pytest.mark.parametrize(
    ("client_id", "key", "reason"),
    [
        pytest.param("nobody", KEYS["ES384"], "unknown client", id="an unknown client"),
        pytest.param("ehr", OTHER_KEY, "unknown key", id="the key of another client"),
        pytest.param("other", KEYS["ES384"], "unknown key", id="the client of another key"),
        pytest.param(
            "ehr", ECKey.generate_key("P-384", {"kid": "es384"}), "signature", id="a forged key"
        ),
        pytest.param("remote", KEYS["ES384"], "unknown key", id="a key that is not at the address"),
        pytest.param("down", REMOTE_KEY, "unknown key", id="keys that cannot be fetched"),
    ],
)
def test_nobody_can_find_out_which_clients_and_keys_exist(
    authenticator, form: Form, client_id: str, key, reason: str
):
    refused = refusal(authenticator, form(client_id=client_id, key=key))
    nobody = refusal(authenticator, form(client_id="nobody"))
    assert refused.reason == reason
    assert refused.error == nobody.error


@pytest.mark.parametrize("client_id", ["", "EHR", "ehr/../other", "x" * 65, "ehr\n", "ehr\x00"])
def test_what_cannot_be_an_id_is_not_looked_up(authenticator, form: Form, client_id: str):
    assert "must both be the client_id" in refusal(authenticator, form(client_id=client_id)).reason


@pytest.mark.parametrize(
    "assertion",
    [
        pytest.param("", id="empty"),
        pytest.param("secret", id="a password"),
        pytest.param("a.b.c", id="three parts of nothing"),
        pytest.param("é.e30.AAAA", id="not ASCII"),
        pytest.param("W1tbW1tb.e30.AAAA", id="a header that is no object"),
    ],
)
def test_what_is_no_token_is_refused(authenticator, form: Form, assertion: str):
    refused = refusal(authenticator, form(client_assertion=assertion))
    assert "not a signed JWT" in refused.error.description
    assert refused.reason.startswith("malformed")


def test_an_oversized_assertion_is_refused_even_with_a_good_signature(authenticator, form: Form):
    assert authenticator.authenticate(form({"more": "x" * 11_000})).client_id == "ehr"
    assert "malformed" in refusal(authenticator, form({"more": "x" * 12_500})).reason


@pytest.mark.parametrize("content", [b"5", b"[]", b"\xff", b"[" * 9000])
def test_signed_content_that_is_no_set_of_claims_is_refused(
    authenticator, form: Form, sign, content: bytes
):
    head = {"alg": "ES384", "kid": "es384"}
    sent = form(client_assertion=sign(head, content, KEYS["ES384"]))
    assert refusal(authenticator, sent).reason.startswith("claims")


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_a_signature_is_checked_even_for_a_client_that_does_not_exist(clock, form: Form, algorithm):
    asked = []

    class Source:
        def key(self, client: Client, key_id: str) -> ClientKey | None:
            asked.append((client.client_id, key_id))
            return None

    authenticator = ClientAuthenticator(
        DIRECTORY, Source(), Replays(), token_endpoint=TOKEN_ENDPOINT, clock=clock
    )
    sent = form(header={"alg": algorithm}, key=KEYS[algorithm], client_id="nobody")
    assert refusal(authenticator, sent).reason == "unknown client"
    assert asked == [("", KEYS[algorithm].kid)]
