from collections.abc import Mapping

import pytest
from joserfc.jwk import ECKey, RSAKey

from psolink.security.client_keys import key_faults, usable_keys

EC = ECKey.generate_key("P-384", {"kid": "ec"}).as_dict(private=False)
OTHER_EC = ECKey.generate_key("P-256", {"kid": "other"}).as_dict(private=False)
PRIVATE_EC = ECKey.generate_key("P-384", {"kid": "ec"}).as_dict(private=True)
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "RS384"}).as_dict(private=False)


def without(key: Mapping[str, object], name: str) -> Mapping[str, object]:
    return {each: value for each, value in key.items() if each != name}


def faults(jwks: object) -> str:
    return " / ".join(text for _, text in key_faults(jwks))


def test_keys_of_both_kinds_are_usable_by_their_id():
    jwks = {"keys": [EC, RSA, OTHER_EC]}
    assert not faults(jwks)
    assert {kid: key.key_type for kid, key in usable_keys(jwks).items()} == {
        "ec": "EC",
        "rsa": "RSA",
        "other": "EC",
    }


def test_members_that_say_nothing_about_the_signature_are_left_out():
    jwks = {"keys": [EC | {"x5c": 5, "exp": 1, "nbf": [], "key_ops": ["verify"]}]}
    assert not faults(jwks)
    assert set(usable_keys(jwks)["ec"].as_dict()) == {"kty", "kid", "crv", "x", "y"}


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        pytest.param("text", "a key is an object", id="not an object"),
        pytest.param({}, "kty must be EC or RSA", id="empty"),
        pytest.param({"kty": "oct", "k": "c2VjcmV0", "kid": "a"}, "kty must be", id="symmetric"),
        pytest.param(EC | {"kty": ["EC"]}, "kty must be", id="kty is a list"),
        pytest.param(PRIVATE_EC, "the key is private", id="private"),
        pytest.param(without(EC, "kid"), "kid is required", id="no key id"),
        pytest.param(EC | {"kid": ""}, "kid is required", id="empty key id"),
        pytest.param(EC | {"kid": 1}, "kid is required", id="key id is a number"),
        pytest.param(EC | {"use": "enc"}, "use must be sig", id="for encryption"),
        pytest.param(
            EC | {"key_ops": ["encrypt"]}, "key_ops must be", id="for encryption, in key_ops"
        ),
        pytest.param(EC | {"alg": "ES512"}, "alg must be ES384 or ES256", id="another algorithm"),
        pytest.param(EC | {"alg": "RS384"}, "alg must be ES384 or ES256", id="algorithm of RSA"),
        pytest.param(EC | {"alg": ["ES384"]}, "alg must be ES384 or ES256", id="alg is a list"),
        pytest.param(without(EC, "y"), "y must be given", id="half a point"),
        pytest.param(EC | {"x": 7}, "x must be given as text", id="coordinate is a number"),
        pytest.param(EC | {"crv": "P-521"}, "crv must be P-256 or P-384", id="another curve"),
        pytest.param(
            EC | {"crv": "P-256"}, "do not make a public key", id="point of another curve"
        ),
        pytest.param(EC | {"x": EC["y"]}, "do not make a public key", id="not a point"),
        pytest.param(EC | {"x": "!"}, "do not make a public key", id="not base64"),
        pytest.param(RSA | {"n": "AQAB"}, "2048 to 8192 bits", id="short modulus"),
        pytest.param(RSA | {"n": "A" * 342}, "2048 to 8192 bits", id="modulus of zeros"),
        pytest.param(RSA | {"n": "_" * 2000}, "2048 to 8192 bits", id="huge modulus"),
        pytest.param(RSA | {"n": "€"}, "2048 to 8192 bits", id="modulus that is not ASCII"),
        pytest.param(RSA | {"e": "AA"}, "do not make a public key", id="exponent 0"),
    ],
)
def test_a_key_with_a_fault_is_named_and_not_used(key: object, fault: str):
    jwks = {"keys": [OTHER_EC, key]}
    assert fault in faults(jwks)
    assert next(where for where, _ in key_faults(jwks)) == ("keys", 1)
    assert list(usable_keys(jwks)) == ["other"]


def test_an_id_of_two_keys_names_neither():
    jwks = {"keys": [EC, OTHER_EC | {"kid": "ec"}, RSA]}
    assert "'ec' must belong to one key only" in faults(jwks)
    assert list(usable_keys(jwks)) == ["rsa"]


@pytest.mark.parametrize("jwks", [None, [], "keys", {}, {"keys": None}, {"keys": {"a": 1}}])
def test_what_is_not_a_key_set_holds_no_keys(jwks: object):
    assert "a JWK Set is an object" in faults(jwks)
    assert usable_keys(jwks) == {}


def test_a_set_of_too_many_keys_is_not_looked_into():
    jwks = {"keys": [EC | {"kid": str(number)} for number in range(21)]}
    assert "20 keys at most" in faults(jwks)
    assert usable_keys(jwks) == {}
