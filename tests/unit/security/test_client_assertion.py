"""Every way in which an assertion can be wrong, each refused for the intended reason."""

import base64
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from psolink.fhir_json import JsonObject
from psolink.security.client_assertion import ASSERTION_TYPE, ClientAuthenticator
from psolink.security.client_keys import ClientKey
from psolink.security.key_sources import ClientKeys, FetchedKeys, KeysUnavailable
from psolink.security.oauth import TokenRequestRefused
from psolink.security.registry import Client, FixedDirectory, Registration
from psolink.security.scopes import Scopes

TOKEN_ENDPOINT = "https://psolink.example/auth/token"
KEY_SET_URL = "https://remote.example/jwks.json"
KEYS: dict[str, ClientKey] = {
    "ES384": ECKey.generate_key("P-384", {"kid": "es384"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "es256", "alg": "ES256"}),
    "RS384": RSAKey.generate_key(2048, {"kid": "rs384", "use": "sig", "alg": "RS384"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rs256"}),
}
OTHER_KEY = ECKey.generate_key("P-384", {"kid": "other"})
REMOTE_KEY = ECKey.generate_key("P-384", {"kid": "remote"})


def public(*keys: ClientKey) -> JsonObject:
    return {"keys": [key.as_dict(private=False) for key in keys]}


NAMELESS = Client("", "org", Scopes(), level=3)
DIRECTORY = FixedDirectory(
    Registration(
        clients=(
            replace(NAMELESS, client_id="ehr", jwks=public(*KEYS.values())),
            replace(NAMELESS, client_id="other", jwks=public(OTHER_KEY)),
            replace(NAMELESS, client_id="resting", jwks=public(KEYS["ES384"]), active=False),
            replace(NAMELESS, client_id="remote", jwks_uri=KEY_SET_URL),
            replace(NAMELESS, client_id="down", jwks_uri="https://down.example/jwks.json"),
        )
    )
)


class Replays:
    """Remembers in memory what was used."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, str], datetime] = {}

    def first_use(self, client_id: str, jti: str, expires: datetime) -> bool:
        is_first = (client_id, jti) not in self.used
        self.used.setdefault((client_id, jti), expires)
        return is_first


def fetch(address: str) -> FetchedKeys:
    if address != KEY_SET_URL:
        raise KeysUnavailable("down")
    return FetchedKeys({"remote": REMOTE_KEY}, datetime.resolution)


@pytest.fixture
def replays() -> Replays:
    return Replays()


@pytest.fixture
def authenticator(clock, replays) -> ClientAuthenticator:
    return ClientAuthenticator(
        DIRECTORY, ClientKeys(fetch, clock), replays, token_endpoint=TOKEN_ENDPOINT, clock=clock
    )


Form = Callable[..., dict[str, str]]


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


def refusal(authenticator: ClientAuthenticator, sent: dict[str, str]) -> TokenRequestRefused:
    with pytest.raises(TokenRequestRefused) as refused:
        authenticator.authenticate(sent)
    # https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    assert re.fullmatch(r"[\x20\x21\x23-\x5B\x5D-\x7E]+", refused.value.error.description)
    assert (sent.get("client_assertion") or "none") not in refused.value.error.description
    return refused.value


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_a_client_is_known_by_each_algorithm_that_is_offered(authenticator, form: Form, algorithm):
    sent = form(header={"alg": algorithm}, key=KEYS[algorithm])
    assert authenticator.authenticate(sent).client_id == "ehr"


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        pytest.param({"aud": [TOKEN_ENDPOINT]}, {}, id="a list of one audience"),
        pytest.param({"iat": 1.5, "nbf": 0, "extra": {"a": [1]}}, {}, id="more claims"),
        pytest.param({}, {"typ": ...}, id="no typ"),
        pytest.param({}, {"typ": "jwt"}, id="typ in small letters"),
        pytest.param({}, {"x5t": "abc", "cty": "JWT"}, id="other headers"),
    ],
)
def test_what_the_specifications_leave_open_is_accepted(authenticator, form: Form, claims, header):
    assert authenticator.authenticate(form(claims, header)).client_id == "ehr"


def test_a_client_may_keep_its_keys_at_an_address(authenticator, form: Form):
    sent = form(key=REMOTE_KEY, client_id="remote", header={"jku": KEY_SET_URL})
    assert authenticator.authenticate(sent).client_id == "remote"


def test_the_client_id_may_be_sent_beside_the_assertion(authenticator, form: Form):
    assert authenticator.authenticate(form() | {"client_id": "ehr"}).client_id == "ehr"


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"client_assertion_type": ...}, "client_assertion_type must be urn:"),
        ({"client_assertion_type": "urn:other"}, "client_assertion_type must be urn:"),
        ({"client_assertion": ...}, "client_assertion is required"),
        ({"client_secret": "secret"}, "leave client_secret out"),
    ],
)
def test_a_request_without_its_parameters_is_invalid(
    authenticator, form: Form, parameters, description: str
):
    error = refusal(authenticator, form(**parameters)).error
    assert (error.error, error.status) == ("invalid_request", 400)
    assert description in error.description


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
    ("claims", "reason"),
    [
        ({"exp": -10}, "the assertion has expired"),
        ({"exp": -3600}, "the assertion has expired"),
        ({"exp": 311}, "exp must be at most five minutes ahead"),
        ({"exp": 86400}, "exp must be at most five minutes ahead"),
        ({"iat": 11}, "iat or nbf is in the future"),
        ({"nbf": 11}, "iat or nbf is in the future"),
    ],
)
def test_an_assertion_out_of_its_time_is_refused(
    authenticator, form: Form, clock, claims, reason: str
):
    now = int(clock.now.timestamp())
    sent = form({name: now + seconds for name, seconds in claims.items()})
    assert reason in refusal(authenticator, sent).error.description


@pytest.mark.parametrize(
    ("claim", "seconds"), [("exp", -9), ("exp", 310), ("iat", 10), ("nbf", 10)]
)
def test_clocks_may_differ_a_little(authenticator, form: Form, clock, claim: str, seconds: int):
    sent = form({claim: int(clock.now.timestamp()) + seconds})
    assert authenticator.authenticate(sent).client_id == "ehr"


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


def opened(assertion: str) -> tuple[dict[str, object], bytes]:
    """Return header and content."""
    header, content, _ = (base64.urlsafe_b64decode(part + "==") for part in assertion.split("."))
    return json.loads(header), content


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


def test_a_client_id_beside_the_assertion_must_agree_with_it(authenticator, form: Form):
    sent = form() | {"client_id": "other"}
    assert "client_id and the claim sub differ" in refusal(authenticator, sent).reason


def test_a_client_that_is_not_active_is_told_so_after_it_has_proven_who_it_is(
    authenticator, form: Form
):
    error = refusal(authenticator, form(client_id="resting")).error
    assert (error.error, error.status) == ("unauthorized_client", 400)
    forged = form(client_id="resting", key=ECKey.generate_key("P-384", {"kid": "es384"}))
    assert refusal(authenticator, forged).error.error == "invalid_client"


def test_an_assertion_is_accepted_only_once(authenticator, form: Form):
    sent = form()
    authenticator.authenticate(sent)
    assert "used before" in refusal(authenticator, sent).reason


def test_two_clients_may_use_the_same_jti(authenticator, form: Form):
    authenticator.authenticate(form({"jti": "1"}))
    assert authenticator.authenticate(form({"jti": "1"}, client_id="other", key=OTHER_KEY))


def test_a_used_assertion_is_remembered_for_as_long_as_it_could_be_used_again(
    authenticator, form: Form, replays, clock
):
    authenticator.authenticate(form({"jti": "1"}))
    clock.advance(310)
    assert replays.used == {("ehr", "1"): clock.now}
    assert "expired" in refusal(authenticator, form({"exp": clock.now.timestamp() - 10})).reason


def test_a_forged_assertion_does_not_use_up_the_id_of_a_good_one(
    authenticator, form: Form, replays
):
    refusal(authenticator, form(key=ECKey.generate_key("P-384", {"kid": "es384"})))
    assert replays.used == {}


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
