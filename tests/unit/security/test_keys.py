import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from psolink.security.keys import (
    InvalidKeyFile,
    SigningAlgorithm,
    SigningKeys,
    load_keys,
    load_or_create_keys,
    save_keys,
)


def header_of(token: str, keys: SigningKeys) -> dict[str, object]:
    public = KeySet([ECKey.import_key(key) for key in keys.public_jwks()["keys"]])
    return jwt.decode(token, public, algorithms=["ES256", "ES384"]).header


@pytest.mark.parametrize("algorithm", ["ES256", "ES384"])
def test_a_signature_verifies_with_the_published_keys(algorithm: SigningAlgorithm):
    keys = SigningKeys.create(algorithm)
    header = header_of(keys.sign({"sub": "a"}, media_type="at+jwt"), keys)
    assert header == {"alg": algorithm, "kid": keys.key_ids[0], "typ": "at+jwt"}


def test_the_key_id_is_the_thumbprint_of_the_public_key():
    keys = SigningKeys.create()
    [published] = keys.public_jwks()["keys"]
    public = ECKey.import_key({name: published[name] for name in ("kty", "crv", "x", "y")})
    assert public.thumbprint() == published["kid"] == keys.key_ids[0]


def test_the_published_keys_hold_nothing_private():
    [published] = SigningKeys.create().rotated().retired().public_jwks()["keys"]
    assert set(published) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_after_rotation_the_new_key_signs_and_the_old_one_still_verifies():
    old = SigningKeys.create()
    token = old.sign({}, media_type="at+jwt")
    rotated = old.rotated("ES384")
    assert header_of(rotated.sign({}, media_type="at+jwt"), rotated)["kid"] != old.key_ids[0]
    assert header_of(token, rotated)["kid"] == old.key_ids[0] == rotated.key_ids[1]


def test_retiring_keeps_only_the_key_that_signs():
    rotated = SigningKeys.create().rotated()
    assert rotated.retired().key_ids == rotated.key_ids[:1]


def test_saved_keys_load_in_the_same_order(tmp_path: Path):
    keys = SigningKeys.create("ES384").rotated("ES256")
    save_keys(tmp_path / "keys.json", keys)
    loaded = load_keys(tmp_path / "keys.json")
    assert loaded.private_jwks() == keys.private_jwks()
    assert loaded.key_ids == keys.key_ids


def test_a_key_file_is_readable_by_its_owner_only(tmp_path: Path):
    load_or_create_keys(tmp_path / "data" / "keys.json")
    assert (tmp_path / "data" / "keys.json").stat().st_mode & 0o777 == 0o600


def test_keys_are_made_once(tmp_path: Path):
    first = load_or_create_keys(tmp_path / "keys.json")
    assert load_or_create_keys(tmp_path / "keys.json").key_ids == first.key_ids


def test_a_key_file_that_everyone_can_read_is_refused(tmp_path: Path):
    load_or_create_keys(tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(0o644)
    with pytest.raises(InvalidKeyFile, match="chmod 600"):
        load_keys(tmp_path / "keys.json")


PRIVATE = ECKey.generate_key("P-256").as_dict(private=True)
OTHER = ECKey.generate_key("P-256").as_dict(private=True)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="not an object"),
        pytest.param('{"keys": []}', id="no key"),
        pytest.param('{"keys": ["secret"]}', id="a key that is text"),
        pytest.param('{"keys": [{}]}', id="an empty key"),
        pytest.param(json.dumps({"keys": [PRIVATE | {"d": ""}]}), id="no private part"),
        pytest.param(json.dumps({"keys": [PRIVATE | {"d": OTHER["d"]}]}), id="halves of two keys"),
        pytest.param(
            json.dumps({"keys": [{k: v for k, v in PRIVATE.items() if k != "d"}]}), id="public key"
        ),
        pytest.param(
            json.dumps({"keys": [ECKey.generate_key("P-521").as_dict(private=True)]}),
            id="another curve",
        ),
        pytest.param(
            json.dumps({"keys": [RSAKey.generate_key(2048).as_dict(private=True)]}), id="RSA"
        ),
    ],
)
def test_a_broken_key_file_is_refused_without_quoting_it(tmp_path: Path, text: str):
    file = tmp_path / "keys.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(InvalidKeyFile, match=r"keys\.json is not a JWK Set") as refused:
        load_keys(file)
    assert str(PRIVATE["d"]) not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_server_cannot_be_without_a_key():
    with pytest.raises(ValueError, match="at least one"):
        SigningKeys(())
