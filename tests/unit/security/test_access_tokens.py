"""Every way in which an access token can be wrong, each refused for the intended reason."""

import base64
import hmac
import json
import sys
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from psolink.errors import Unauthenticated
from psolink.security.access_tokens import AccessTokens, RefusedToken, bearer_token
from psolink.security.keys import SigningKeys
from psolink.security.principal import OrganizationKind, Principal, Role
from psolink.security.scopes import INTERACTIONS, Scopes
from psolink.security.token_cache import VerifiedTokens

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
principals = st.builds(
    Principal,
    organization=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    kind=st.sampled_from(OrganizationKind),
    client_id=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    scopes=st.frozensets(
        st.tuples(st.sampled_from(["*", "Patient", "Device"]), st.sampled_from(INTERACTIONS))
    ).map(Scopes),
    level=st.integers(0, 5),
    roles=st.frozensets(st.sampled_from([str(role) for role in Role])),
)


@pytest.fixture
def tokens(signing_keys, clock) -> AccessTokens:
    return access_tokens(signing_keys, clock)


def access_tokens(keys, clock) -> AccessTokens:
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


def test_a_token_stands_for_the_principal_it_was_issued_for(tokens):
    assert tokens.verify(tokens.issue(PRINCIPAL).token) == PRINCIPAL


@given(principals)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_principal_survives_the_way_through_a_token(tokens, principal: Principal):
    assert tokens.verify(tokens.issue(principal).token) == principal


def test_the_client_is_told_lifetime_and_scope(tokens):
    issued = tokens.issue(PRINCIPAL)
    assert (issued.expires_in, issued.scope) == (300, "system/*.rs system/AdverseEvent.c")


def test_a_forged_token_without_changes_would_be_accepted(tokens, forge):
    assert tokens.verify(forge()) == PRINCIPAL


def test_no_two_tokens_are_equal(tokens):
    assert tokens.issue(PRINCIPAL).token != tokens.issue(PRINCIPAL).token


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
    ("seconds", "fault"),
    [(-6, "early"), (305, "expired"), (3600, "expired")],
)
def test_a_token_is_refused_before_and_after_its_time(tokens, clock, seconds: int, fault: str):
    token = tokens.issue(PRINCIPAL).token
    clock.advance(seconds)
    assert refusal(tokens, token) == fault


@pytest.mark.parametrize("seconds", [-5, 0, 299, 304])
def test_a_token_is_accepted_within_its_time_and_a_little_leeway(tokens, clock, seconds: int):
    token = tokens.issue(PRINCIPAL).token
    clock.advance(seconds)
    assert tokens.verify(token) == PRINCIPAL


def test_a_token_that_is_not_to_be_used_before_a_moment_is_refused_before_it(tokens, forge, clock):
    token = forge({"nbf": int(clock.now.timestamp()) + 60})
    assert refusal(tokens, token) == "early"
    clock.advance(60)
    assert tokens.verify(token) == PRINCIPAL


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


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("", "required"),
        ("secret", "malformed"),
        ("eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.e30.AAAA", "not from this server"),
    ],
)
def test_the_client_learns_only_what_helps_it(tokens, fault: str, message: str):
    with pytest.raises(Unauthenticated, match=message):
        tokens.verify(fault)


def test_rotated_keys_go_on_accepting_tokens_until_the_old_key_is_retired(signing_keys, clock):
    token = access_tokens(signing_keys, clock).issue(PRINCIPAL).token
    rotated = signing_keys.rotated("ES384")
    assert access_tokens(rotated, clock).verify(token) == PRINCIPAL
    assert refusal(access_tokens(rotated.retired(), clock), token) == "key"


def test_a_long_lived_token_lives_as_long_as_it_says(tokens, clock):
    issued = tokens.issue(PRINCIPAL, lifetime=timedelta(days=30))
    assert issued.expires_in == 30 * 86400
    clock.advance(29 * 86400)
    assert tokens.verify(issued.token) == PRINCIPAL


def test_a_token_that_was_accepted_before_still_expires(tokens, clock):
    token = tokens.issue(PRINCIPAL).token
    first = tokens.verify(token)
    assert tokens.verify(token) is first
    clock.advance(305)
    assert refusal(tokens, token) == "expired"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer  ", "Basic abc", "abc", "Bearerabc"]
)
def test_a_header_without_bearer_token_is_refused(header: str | None):
    with pytest.raises(Unauthenticated, match="send the header"):
        bearer_token(header)


@pytest.mark.parametrize("header", ["Bearer a.b.c", "bearer a.b.c", " BEARER   a.b.c "])
def test_the_token_of_a_header_is_found(header: str):
    assert bearer_token(header) == "a.b.c"


def test_the_memory_of_verified_tokens_is_bounded_and_forgets_the_oldest():
    memory = VerifiedTokens(capacity=2)
    for digest in (b"1", b"2", b"3"):
        memory.add(digest, PRINCIPAL, until=10.0)
    assert [memory.get(digest, 9.0) for digest in (b"1", b"2", b"3")] == [
        None,
        PRINCIPAL,
        PRINCIPAL,
    ]
    assert len(memory) == 2


def test_a_remembered_token_is_forgotten_at_its_end():
    memory = VerifiedTokens(capacity=2)
    memory.add(b"1", PRINCIPAL, until=10.0)
    assert (memory.get(b"1", 9.9), memory.get(b"1", 10.0)) == (PRINCIPAL, None)


@pytest.mark.bench
def test_measure_verification(signing_keys, clock, capsys):
    tokens = access_tokens(signing_keys, clock)
    fresh = [tokens.issue(PRINCIPAL).token for _ in range(1000)]
    timings = []
    for _ in range(2):
        start = time.perf_counter()
        for token in fresh:
            tokens.verify(token)
        timings.append((time.perf_counter() - start) / len(fresh) * 1e6)
    with capsys.disabled():
        sys.stdout.write(f"\nfirst use {timings[0]:.0f} us, then {timings[1]:.1f} us\n")
    assert timings[1] < timings[0]
