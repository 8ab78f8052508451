"""Every way in which an access token can be wrong, each refused for the intended reason."""

import base64
import hmac
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from tests.unit.security.token_forge import (
    AUDIENCE,
    PRINCIPAL,
    access_tokens,
    claims_of,
    refusal,
)

from psolink.security.keys import SigningKeys


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        pytest.param({"iss": "https://other.example"}, "issuer", id="of another server"),
        pytest.param({"aud": "https://other.example/fhir"}, "audience", id="for another API"),
        pytest.param({"aud": AUDIENCE + "/"}, "audience", id="for almost this API"),
        pytest.param({"aud": [AUDIENCE]}, "claims", id="a list of audiences"),
        pytest.param({"level": 6}, "claims", id="a level above the highest"),
        pytest.param({"level": "5"}, "claims", id="a level as text"),
        pytest.param({"level": True}, "claims", id="a level as boolean"),
        pytest.param({"kind": "government"}, "claims", id="an unknown kind"),
        pytest.param({"roles": "pses"}, "claims", id="roles as text"),
        pytest.param({"scope": "user/*.cruds"}, "claims", id="a scope that is never granted"),
        pytest.param({"exp": "2030"}, "claims", id="expiry as text"),
        pytest.param({"exp": float("nan")}, "claims", id="expiry that is no number"),
        pytest.param({"exp": float("inf")}, "claims", id="expiry without end"),
        *[
            pytest.param({name: ...}, "claims", id=f"without {name}")
            for name in ("iss", "aud", "sub", "org", "kind", "roles", "level", "scope")
        ],
        *[
            pytest.param({name: ...}, "claims", id=f"without {name}")
            for name in ("iat", "exp", "jti")
        ],
    ],
)
def test_a_token_with_wrong_claims_is_refused(tokens, forge, claims, fault: str):
    assert refusal(tokens, forge(claims)) == fault


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        pytest.param({"typ": "JWT"}, "media type", id="another kind of token"),
        pytest.param({"typ": ...}, "media type", id="no kind"),
        pytest.param({"kid": "unknown"}, "key", id="an unknown key"),
        pytest.param({"kid": ...}, "malformed", id="no key id"),
        pytest.param(
            {"crit": ["exp"], "exp": 1}, "malformed", id="an extension that must be known"
        ),
    ],
)
def test_a_token_with_a_wrong_header_is_refused(tokens, signing_keys, sign, header, fault: str):
    content = json.dumps(claims_of(tokens.issue(PRINCIPAL).token)).encode()
    head = {"alg": "ES256", "kid": signing_keys.key_ids[0], "typ": "at+jwt"} | header
    assert refusal(tokens, sign(head, content, signing_keys.key(signing_keys.key_ids[0]))) == fault


def test_a_token_without_signature_is_refused(tokens, signing_keys, signing_input):
    head = {"alg": "none", "kid": signing_keys.key_ids[0], "typ": "at+jwt"}
    content = json.dumps(claims_of(tokens.issue(PRINCIPAL).token)).encode()
    assert refusal(tokens, signing_input(head, content) + ".") == "algorithm"


@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    tokens, signing_keys, signing_input, form: str
):
    [public] = signing_keys.public_jwks()["keys"]
    secret = ECKey.import_key(public).as_pem() if form == "pem" else json.dumps(public).encode()
    head = {"alg": "HS256", "kid": public["kid"], "typ": "at+jwt"}
    content = json.dumps(claims_of(tokens.issue(PRINCIPAL).token)).encode()
    text = signing_input(head, content)
    digest = hmac.digest(secret, text.encode(), "sha256")
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert refusal(tokens, f"{text}.{signature}") == "algorithm"


def test_a_token_of_another_key_under_this_key_id_is_refused(tokens, forge):
    assert refusal(tokens, forge(key=ECKey.generate_key("P-256"))) == "signature"


def test_a_token_of_another_key_of_its_own_is_refused(tokens, clock):
    other = access_tokens(SigningKeys.create(), clock)
    assert refusal(tokens, other.issue(PRINCIPAL).token) == "key"


def test_a_token_that_brings_its_own_key_is_refused(tokens, forge):
    key = ECKey.generate_key("P-256")
    header = {"jwk": key.as_dict(private=False), "kid": key.thumbprint()}
    assert refusal(tokens, forge(header=header, key=key)) == "key"


@pytest.mark.parametrize("claim", ["org", "level", "scope", "exp"])
def test_a_token_with_a_changed_claim_is_refused(tokens, claim: str):
    head, _, signature = (token := tokens.issue(PRINCIPAL).token).split(".")
    changed = claims_of(token) | {
        claim: {"org": "pso-p", "level": 0, "scope": "", "exp": 2**40}[claim]
    }
    body = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    assert refusal(tokens, f"{head}.{body}.{signature}") == "signature"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(lambda token: token[:-4], "signature", id="cut"),
        pytest.param(lambda token: token + "AAAA", "signature", id="longer"),
        pytest.param(lambda token: token + "=", "signature", id="padded"),
        pytest.param(lambda token: token.rsplit(".", 1)[0] + ".", "signature", id="no signature"),
        pytest.param(lambda token: token.rsplit(".", 1)[0], "malformed", id="two parts"),
        pytest.param(lambda token: token + ".x", "malformed", id="four parts"),
        pytest.param(lambda token: token.replace(".", ". "), "malformed", id="spaces"),
        pytest.param(lambda token: token + "é", "malformed", id="not ASCII"),
        pytest.param(lambda token: token + "\ud800", "malformed", id="half a character"),
        pytest.param(lambda _: "", "missing", id="empty"),
        pytest.param(lambda _: "secret", "malformed", id="a password"),
        pytest.param(lambda _: "..", "malformed", id="three empty parts"),
    ],
)
def test_a_damaged_token_is_refused(tokens, change, fault: str):
    assert refusal(tokens, change(tokens.issue(PRINCIPAL).token)) == fault


def test_an_oversized_token_is_refused_even_with_a_good_signature(tokens, forge):
    assert tokens.verify(forge({"more": "x" * 5000})) == PRINCIPAL
    assert refusal(tokens, forge({"more": "x" * 6000})) == "malformed"


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b'["alg", "kid"]',
        b"5",
        b'"alg"',
        b"{}",
        b'{"alg": ["ES256"], "kid": "a"}',
        b'{"alg": "ES256", "kid": {}}',
        b'{"alg": "ES256", "kid": "a", "crit": 5}',
        b'{"alg": "ES256", "kid": "a", "crit": [[]]}',
        b'{"alg": "ES256", "kid": "a", "b64": false}',
        b'{"alg": "ES256", "kid": "a", "b64": false, "crit": ["b64"]}',
        b"\xff",
        b"[" * 1200,
        b'{"alg": "ES256", "kid": "' + b"a" * 2000 + b'"}',
    ],
)
def test_a_header_of_another_form_is_malformed(tokens, header: bytes):
    head = base64.urlsafe_b64encode(header).decode().rstrip("=")
    assert refusal(tokens, f"{head}.e30.AAAA") == "malformed"


@pytest.mark.parametrize("content", [b"", b"5", b"[]", b"\xff", b"{", b"[" * 3000])
def test_signed_content_of_another_form_is_refused(tokens, signing_keys, sign, content: bytes):
    head = {"alg": "ES256", "kid": signing_keys.key_ids[0], "typ": "at+jwt"}
    key = signing_keys.key(head["kid"])
    assert refusal(tokens, sign(head, content, key)) == "claims"


@given(st.text(alphabet="abcAZ09-_.=", max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_text_is_refused(tokens, text: str):
    assert refusal(tokens, text) in ("missing", "malformed", "media type", "key")
