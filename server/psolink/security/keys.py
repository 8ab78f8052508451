"""The server's signing keys: the first one signs, all of them verify.

https://www.rfc-editor.org/rfc/rfc7517
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from psolink.fhir_json import JsonObject
from psolink.security.private_files import (
    InsecureFile,
    create_private,
    read_private,
    write_private,
)

SigningAlgorithm = Literal["ES256", "ES384"]

_CURVES: Mapping[str, Literal["P-256", "P-384"]] = {"ES256": "P-256", "ES384": "P-384"}
_ALGORITHMS: Mapping[str, SigningAlgorithm] = {"P-256": "ES256", "P-384": "ES384"}


class InvalidKeyFile(Exception):
    """A key file that cannot be used; the text names the file and never its content."""


class SigningKeys:
    """Private keys in the order of preference, each with its thumbprint as key id."""

    def __init__(self, keys: tuple[ECKey, ...]) -> None:
        if not keys:
            raise ValueError("a server needs at least one signing key")
        self._keys = {str(key.kid): key for key in keys}
        self._first = keys[0]

    @classmethod
    def create(cls, algorithm: SigningAlgorithm = "ES256") -> "SigningKeys":
        """Return a set of one new key."""
        return cls((_new_key(algorithm),))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The key ids; the first is the one that signs."""
        return tuple(self._keys)

    def key(self, key_id: str) -> ECKey | None:
        """Return the key with this id."""
        return self._keys.get(key_id)

    def sign(self, claims: JsonObject, *, media_type: str) -> str:
        """Return a compact JWT of the claims with the `typ` header `media_type`."""
        header = {"alg": self._first.alg, "kid": self._first.kid, "typ": media_type}
        return jwt.encode(header, claims, self._first, algorithms=[str(self._first.alg)])

    def rotated(self, algorithm: SigningAlgorithm = "ES256") -> "SigningKeys":
        """Return this set with a new key that signs from now on; the others go on verifying."""
        return SigningKeys((_new_key(algorithm), *self._keys.values()))

    def retired(self) -> "SigningKeys":
        """Return only the key that signs: tokens of the others are no longer accepted."""
        return SigningKeys((self._first,))

    def public_jwks(self) -> JsonObject:
        """Return the public halves as a JWK Set."""
        return {"keys": [key.as_dict(private=False) for key in self._keys.values()]}

    def private_jwks(self) -> JsonObject:
        """Return everything, to be kept where only the server can read it."""
        return {"keys": [key.as_dict(private=True) for key in self._keys.values()]}


def save_keys(path: Path, keys: SigningKeys) -> None:
    """Replace the key file in one step; only its owner can read it."""
    write_private(path, _text(keys))


def load_keys(path: Path) -> SigningKeys:
    """Return the keys of the file; raise `InvalidKeyFile`."""
    try:
        entries = json.loads(read_private(path))["keys"]
        return SigningKeys(tuple(_imported(entry) for entry in entries))
    except InsecureFile as error:
        raise InvalidKeyFile(str(error)) from None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        # The cause is left out: its text may quote the file.
        raise InvalidKeyFile(
            f"{path} is not a JWK Set of private EC keys on the curves P-256 or P-384 "
            f"({type(error).__name__})"
        ) from None


def load_or_create_keys(path: Path, algorithm: SigningAlgorithm = "ES256") -> SigningKeys:
    """Return the keys of the file, which is made where there is none yet.

    Of several processes that start together one makes the file, and all use its keys.
    """
    if not path.exists():
        create_private(path, _text(SigningKeys.create(algorithm)))
    return load_keys(path)


def _text(keys: SigningKeys) -> str:
    return json.dumps(keys.private_jwks(), indent=2) + "\n"


def _new_key(algorithm: SigningAlgorithm) -> ECKey:
    return _named(ECKey.generate_key(_CURVES[algorithm]))


def _imported(entry: Mapping[str, str]) -> ECKey:
    return _named(ECKey.import_key({name: entry[name] for name in ("kty", "crv", "x", "y", "d")}))


def _named(key: ECKey) -> ECKey:
    """Return the key with the id and the one algorithm that follow from its material."""
    return ECKey.import_key(
        key.as_dict(private=True),
        {"kid": key.thumbprint(), "use": "sig", "alg": _ALGORITHMS[key.curve_name]},
    )
