import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from psolink.security.signed_tokens import MalformedToken, read_token

KEY = ECKey.generate_key("P-256")


def token() -> str:
    return jwt.encode({"alg": "ES256", "kid": "a"}, {"n": 1}, KEY, algorithms=["ES256"])


def test_a_token_is_read_without_being_believed():
    read = read_token(token(), longest=1000)
    assert (read.algorithm, read.key_id, read.media_type, read.key_set_url) == (
        "ES256",
        "a",
        "JWT",
        None,
    )
    assert read.claims(dict[str, int]) == {"n": 1}


def test_a_signature_counts_only_for_its_key_and_its_algorithm():
    read = read_token(token(), longest=1000)
    assert read.is_signed_by(KEY, "ES256")
    assert not read.is_signed_by(ECKey.generate_key("P-256"), "ES256")
    assert not read.is_signed_by(KEY, "ES384")
    assert not read.is_signed_by(RSAKey.generate_key(2048), "ES256")


def test_claims_of_another_form_are_malformed():
    with pytest.raises(MalformedToken, match="Expected `str`"):
        read_token(token(), longest=1000).claims(dict[str, str])


def test_a_token_may_not_be_longer_than_allowed():
    text = token()
    assert read_token(text, longest=len(text)).key_id == "a"
    with pytest.raises(MalformedToken, match="at most"):
        read_token(text, longest=len(text) - 1)
