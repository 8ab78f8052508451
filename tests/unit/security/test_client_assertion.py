import pytest
from joserfc.jwk import ECKey
from tests.unit.security.assertion_forge import (
    KEY_SET_URL,
    KEYS,
    OTHER_KEY,
    REMOTE_KEY,
    TOKEN_ENDPOINT,
    Form,
    refusal,
)


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
